import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { InspectorSetup } from '../../wire.js';
import type { InspectorStore, ShownFailure } from '../browser/inspector-store.js';
import { CopyButton } from './copy.js';
import { FailureText } from './notices.js';

interface SetupProps {
  readonly store: InspectorStore;
  readonly setup: InspectorSetup;
}

/** Where notifications come in, for the bar. */
export function Addresses({ store, setup }: SetupProps): JSX.Element {
  const url = setup.publicUrl ?? setup.listenUrl;
  if (url === null) {
    return <span class="where">{setup.source === 'journal' ? 'Following the journal' : 'Showing the input'}</span>;
  }
  return (
    <span class="where">
      <span class="quiet">Listening on</span> <code>{url}</code>
      <CopyButton store={store} what="URL" text={url} />
    </span>
  );
}

const HEADINGS: Readonly<Record<InspectorSetup['source'], string>> = {
  listen: 'Waiting for the first notification',
  journal: 'The journal is empty',
  input: 'No notification in the input so far',
};

/** The first thing to see: what to do so that a notification arrives. */
export function Welcome({ store, setup }: SetupProps): JSX.Element {
  const isEmpty = store.rows.total === 0 && store.state.query === '';
  return (
    <div class="welcome">
      <h2>{isEmpty ? HEADINGS[setup.source] : 'Select a notification'}</h2>
      {!isEmpty && (
        <p class="quiet">
          <kbd>j</kbd> <kbd>k</kbd> move, <kbd>/</kbd> filters, <kbd>?</kbd> shows all keys.
        </p>
      )}
      <SampleStep store={store} setup={setup} />
      <AppleStep store={store} setup={setup} />
      <h3>In another terminal</h3>
      <ul class="commands">
        {commandsFor(setup).map(([command, meaning]) => (
          <li key={command}>
            <code>{command}</code>
            <CopyButton store={store} what="command" text={command} />
            <span class="quiet">{meaning}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function SampleStep({ store, setup }: SetupProps): JSX.Element {
  return (
    <>
      <h3>Try it</h3>
      {setup.canTrigger ? (
        <SampleButton store={store} setup={setup} isSmall={false} />
      ) : (
        <CommandSentence text={setup.whyNotTrigger ?? 'A sample needs a listener.'} />
      )}
    </>
  );
}

/** A sentence that may end in a command. */
export function CommandSentence({ text }: { readonly text: string }): JSX.Element {
  const [, words, command] = /^(.*?)(storewire .*)$/.exec(text) ?? [];
  return <p class="quiet">{command === undefined ? text : [words, <code>{command}</code>]}</p>;
}

function AppleStep({ store, setup }: SetupProps): JSX.Element | null {
  if (setup.source === 'input') return null;
  return (
    <>
      <h3>From Apple</h3>
      {setup.publicUrl === null ? (
        <p class="quiet">
          Apple needs a public https URL. <code>storewire listen --inspect --tunnel cloudflared</code> makes one.
        </p>
      ) : (
        <>
          <p class="quiet">
            Paste this URL into App Store Connect, under App Information, App Store Server Notifications.
          </p>
          <p class="url">
            <code>{setup.publicUrl}</code>
            <CopyButton store={store} what="URL" text={setup.publicUrl} />
          </p>
        </>
      )}
    </>
  );
}

function commandsFor({ listenUrl }: InspectorSetup): readonly (readonly [command: string, meaning: string])[] {
  return [
    listenUrl === null
      ? ['storewire listen --inspect --trust-authority', 'Receive notifications, with this page beside it']
      : ['storewire trigger --scenario refund', 'Send the notifications of a purchase and its refund'],
    ['storewire trigger DID_RENEW', 'Send one to the running listener'],
    ['storewire test --environment sandbox --wait', 'Ask Apple for a TEST notification'],
  ];
}

/** Sends a sample of the chosen type to the listener. */
export function SampleButton({ store, setup, isSmall }: SetupProps & { readonly isSmall: boolean }): JSX.Element {
  const [type, setType] = useState(setup.types.includes('DID_RENEW') ? 'DID_RENEW' : (setup.types[0] ?? 'TEST'));
  const [failure, setFailure] = useState<ShownFailure | null>(null);
  const send = async (): Promise<void> => {
    const refused = await store.trigger({ type });
    setFailure(refused);
    if (refused !== null && isSmall) store.notify(refused.message, true);
  };
  return (
    <div class={isSmall ? 'sample small' : 'sample'}>
      <select aria-label="Type of the sample" value={type} onChange={(event) => setType(event.currentTarget.value)}>
        {setup.types.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      <button type="button" class={isSmall ? '' : 'main'} disabled={store.state.isSending} onClick={() => void send()}>
        {store.state.isSending ? 'Sending\u2026' : 'Send a sample'}
      </button>
      {failure !== null && !isSmall && <FailureText failure={failure} />}
    </div>
  );
}
