import type { JSX } from 'preact';
import type { InspectorDetail } from '../../wire.js';
import { copyText } from '../browser/browser.js';
import type { InspectorStore } from '../browser/inspector-store.js';

const REFUSED = 'The browser refused the clipboard: select the text and copy it.';

/** Copies the curl command, or shows it where the browser refuses the clipboard. */
export async function copyCurl(store: InspectorStore, { curl }: Pick<InspectorDetail, 'curl'>): Promise<void> {
  if (curl === null) store.notify('This one has no request body to send.', true);
  else if (await copyText(curl)) store.notify('Copied as a curl command.');
  else {
    store.showTab('raw');
    store.notify(REFUSED, true);
  }
}

interface CopyButtonProps {
  readonly store: InspectorStore;
  readonly text: string;
  /** What is copied, for the label: `URL`. */
  readonly what: string;
}

export function CopyButton({ store, text, what }: CopyButtonProps): JSX.Element {
  const copy = async (): Promise<void> => {
    if (await copyText(text)) store.notify(`Copied the ${what}.`);
    else store.notify(REFUSED, true);
  };
  return (
    <button type="button" class="plain" aria-label={`Copy the ${what}`} onClick={() => void copy()}>
      Copy
    </button>
  );
}
