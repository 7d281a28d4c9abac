import type { JSX } from 'preact';
import type { InspectorStore, ShownFailure } from '../browser/inspector-store.js';

export function FailureText({ failure }: { readonly failure: ShownFailure }): JSX.Element {
  return (
    <p class="failure" role="alert">
      <strong>{failure.message}</strong>
      {failure.hint !== '' && <span>{failure.hint}</span>}
    </p>
  );
}

/** Says that the server does not accept the token, and the way on. `hasRows`: an earlier run is shown below. */
export function RefusedBanner({ hasRows }: { readonly hasRows: boolean }): JSX.Element {
  return (
    <p class={hasRows ? 'banner' : 'guidance'} role="alert">
      <strong>storewire does not accept the token of this page.</strong> Each run has a new one. Copy the new URL from
      the terminal and open it in this tab.
      {hasRows && ' Below is an earlier run.'}
    </p>
  );
}

const CONNECTIONS = {
  connecting: ['quiet', 'connecting\u2026'],
  live: ['good', 'live'],
  lost: ['unsure', 'reconnecting\u2026'],
  refused: ['bad', 'new URL needed'],
} as const;

export function ConnectionState({ store }: { readonly store: InspectorStore }): JSX.Element {
  const { connection, setup } = store.state;
  const [tone, words] = CONNECTIONS[connection];
  return (
    <span class={`connection ${tone}`} role="status">
      {connection === 'live' && setup?.source === 'input' ? 'loaded' : words}
    </span>
  );
}

/** The result of an action, for a few seconds. */
export function Notice({ store }: { readonly store: InspectorStore }): JSX.Element {
  const { notice } = store.state;
  return (
    <div class="notice-place" role="status">
      {notice !== null && <p class={notice.isError ? 'notice bad' : 'notice'}>{notice.text}</p>}
    </div>
  );
}
