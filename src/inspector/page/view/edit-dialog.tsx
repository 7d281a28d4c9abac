import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { InspectorDetail } from '../../wire.js';
import type { InspectorStore, ShownFailure } from '../browser/inspector-store.js';
import { editorText, isEditable, readEdited } from '../model/edited-payload.js';
import { Dialog } from './dialogs.js';
import { FailureText } from './notices.js';

/** An editor on the decoded payload, which the server signs with the test authority and sends to the listener. */
export function EditDialog({ store }: { readonly store: InspectorStore }): JSX.Element {
  const { setup } = store.state;
  const { selected } = store;
  return (
    <Dialog store={store} title="Edit and sign again" isWide={true}>
      {selected !== null && !isEditable(selected.document) && (
        <p>Only a notification that could be decoded can be edited.</p>
      )}
      {selected !== null && isEditable(selected.document) && (
        <>
          <p class="synthetic">
            <strong>The result is synthetic.</strong> It is signed by this project's test authority, not by Apple, and
            sent to the listener only.
          </p>
          {setup !== null && !setup.canTrigger && <p class="failure">{setup.whyNotTrigger}</p>}
          <Editor store={store} detail={selected} />
        </>
      )}
    </Dialog>
  );
}

function Editor({ store, detail }: { readonly store: InspectorStore; readonly detail: InspectorDetail }): JSX.Element {
  const { setup, isSending } = store.state;
  const original = editorText(detail.document);
  const [text, setText] = useState(original);
  const [failure, setFailure] = useState<ShownFailure | null>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  // Not autofocus, which puts the cursor at the end and scrolls there.
  useEffect(() => {
    area.current?.setSelectionRange(0, 0);
    area.current?.focus();
  }, []);
  const { command, defect } = readEdited(text, detail.row.id);
  const send = async (): Promise<void> => {
    if (command === null) return;
    const refused = await store.trigger(command);
    setFailure(refused);
    if (refused === null) store.open(null);
  };
  return (
    <>
      <textarea
        ref={area}
        rows={22}
        spellcheck={false}
        aria-label="Decoded payload"
        aria-invalid={defect !== null}
        aria-describedby="edit-defect"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <p id="edit-defect" class="defect" role="status">
        {defect ?? ''}
      </p>
      {failure !== null && <FailureText failure={failure} />}
      <div class="actions">
        <button
          type="button"
          class="main"
          disabled={command === null || isSending || setup?.canTrigger !== true}
          onClick={() => void send()}
        >
          {isSending ? 'Sending\u2026' : 'Sign and send'}
        </button>
        <button type="button" disabled={text === original} onClick={() => setText(original)}>
          Undo all changes
        </button>
      </div>
    </>
  );
}
