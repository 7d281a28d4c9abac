import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ReplayReply } from '../../wire.js';
import { ApiError } from '../browser/api.js';
import type { InspectorStore, ShownFailure } from '../browser/inspector-store.js';
import { describeReplay } from '../model/formats.js';
import { Dialog } from './dialogs.js';
import { FailureText } from './notices.js';

/** Sends the notification again, as it was received, to a target of choice. */
export function ReplayDialog({ store }: { readonly store: InspectorStore }): JSX.Element {
  const { selected } = store;
  const targets = store.state.setup?.targets ?? [];
  const [pending, setPending] = useState<string | null>(null);
  const [reply, setReply] = useState<ReplayReply | null>(null);
  const [failure, setFailure] = useState<ShownFailure | null>(null);
  const replay = async (id: string, target: string): Promise<void> => {
    setPending(target);
    setReply(null);
    setFailure(null);
    try {
      setReply(await store.api.replay(id, target));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setFailure(error);
    }
    setPending(null);
  };
  return (
    <Dialog store={store} title="Replay to a target">
      {targets.length === 0 ? (
        <p>
          No target is configured. Add <code>--forward-to URL</code> when you start the page, for example{' '}
          <code>storewire listen --inspect -f http://localhost:3000/apple</code>.
        </p>
      ) : (
        <>
          <p class="quiet">The request body is sent again, byte for byte as it was received.</p>
          <div class="choices">
            {targets.map((target, index) => (
              <button
                key={target}
                type="button"
                // biome-ignore lint/a11y/noAutofocus: a dialog that asks one question
                autoFocus={index === 0}
                disabled={pending !== null || selected === null}
                onClick={() => selected !== null && void replay(selected.row.id, target)}
              >
                {target === pending ? `Sending to ${target}\u2026` : `Send to ${target}`}
              </button>
            ))}
          </div>
        </>
      )}
      <div role="status">
        {reply !== null && (
          <p class={reply.outcome === 'accepted' ? 'result good' : 'result bad'}>
            <strong>{reply.target}</strong> {describeReplay(reply)}
            {reply.detail !== null && <span class="quiet">{reply.detail}</span>}
          </p>
        )}
      </div>
      {failure !== null && <FailureText failure={failure} />}
    </Dialog>
  );
}
