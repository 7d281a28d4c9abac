import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { InspectorStore } from '../browser/inspector-store.js';
import { KEY_HELP } from '../model/keys.js';

interface DialogProps {
  readonly store: InspectorStore;
  readonly title: string;
  readonly isWide?: boolean;
  readonly children: ComponentChildren;
}

/** A modal dialog of the browser: it keeps the focus inside, and gives it back. */
export function Dialog({ store, title, isWide = false, children }: DialogProps): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  const close = (): void => store.open(null);
  useLayoutEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  // The state changes on Esc before the browser closes the dialog, so that no key is lost in between; `close` comes late, maybe when another dialog is open.
  const onCancel = (event: Event): void => {
    event.preventDefault();
    close();
  };
  const onClose = (): void => {
    if (element.current !== null) close();
  };
  return (
    <dialog
      ref={element}
      class={isWide ? 'wide' : ''}
      aria-labelledby="dialog-title"
      onCancel={onCancel}
      onClose={onClose}
    >
      <header>
        <h2 id="dialog-title">{title}</h2>
        <button type="button" class="plain" onClick={close}>
          Close
        </button>
      </header>
      {children}
    </dialog>
  );
}

export function HelpDialog({ store }: { readonly store: InspectorStore }): JSX.Element {
  return (
    <Dialog store={store} title="Keys">
      <dl class="keys">
        {KEY_HELP.map(([keys, meaning]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <p class="quiet">
        Words in the filter must all occur; <code>verdict:invalid</code> looks in one field only.
      </p>
    </Dialog>
  );
}
