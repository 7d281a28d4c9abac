import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { InspectorStore } from '../browser/inspector-store.js';
import { commandOfKey } from '../model/keys.js';
import { copyCurl } from './copy.js';
import { DetailPane } from './detail.js';
import { HelpDialog } from './dialogs.js';
import { EditDialog } from './edit-dialog.js';
import { NotificationList } from './list.js';
import { ConnectionState, Notice, RefusedBanner } from './notices.js';
import { ReplayDialog } from './replay-dialog.js';
import { Addresses, SampleButton, Welcome } from './welcome.js';

/** The whole page of one run. */
export function InspectorView({ store }: { readonly store: InspectorStore }): JSX.Element {
  const filter = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => runKey(event, store, filter.current);
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [store]);
  const { connection, dialog, selectedId, setup, listFailure } = store.state;
  const isEmpty = setup !== null && store.rows.total === 0 && store.state.query === '' && selectedId === null;
  return (
    <div class="page">
      <header class="bar">
        <h1>storewire</h1>
        {setup !== null && <Addresses store={store} setup={setup} />}
        <ConnectionState store={store} />
        {setup?.canTrigger && !isEmpty && <SampleButton store={store} setup={setup} isSmall={true} />}
        <button type="button" class="plain" title="Keys (?)" aria-label="Keys" onClick={() => store.open('help')}>
          ?
        </button>
      </header>
      {connection === 'refused' && <RefusedBanner hasRows={setup !== null} />}
      {isEmpty && (
        <main class="empty">
          <Welcome store={store} setup={setup} />
        </main>
      )}
      {!isEmpty && (setup !== null || connection !== 'refused') && (
        <main class={selectedId === null ? 'panes' : 'panes reading'}>
          <NotificationList store={store} filter={filter} failure={listFailure} />
          <DetailPane store={store} />
        </main>
      )}
      <Notice store={store} />
      {dialog === 'help' && <HelpDialog store={store} />}
      {dialog === 'replay' && <ReplayDialog store={store} />}
      {dialog === 'edit' && <EditDialog store={store} />}
    </div>
  );
}

function runKey(event: KeyboardEvent, store: InspectorStore, filter: HTMLInputElement | null): void {
  // A dialog has its own keys, and the browser closes it with Esc.
  if (store.state.dialog !== null || event.defaultPrevented) return;
  const target = event.target as HTMLElement;
  const isTyping = /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  const hasModifier = event.ctrlKey || event.metaKey || event.altKey;
  const command = commandOfKey({ key: event.key, hasModifier, isTyping });
  // Arrows and paging belong to the pane that has the focus.
  if (command === null || (/^(Arrow|Page|Home|End)/.test(event.key) && target.closest('.detail') !== null)) return;
  event.preventDefault();
  const { selectedId } = store.state;
  switch (command.do) {
    case 'move':
      store.move(command.by);
      break;
    case 'first':
      store.selectIndex(0);
      break;
    case 'last':
      store.selectIndex(store.rows.total - 1);
      break;
    case 'filter':
      filter?.focus();
      filter?.select();
      break;
    case 'tab':
      if (selectedId !== null) store.showTab(command.tab);
      break;
    case 'copy':
      if (store.selected !== null) void copyCurl(store, store.selected);
      break;
    case 'replay':
    case 'edit':
      if (selectedId !== null) store.open(command.do);
      break;
    case 'help':
      store.open('help');
      break;
    case 'close':
      if (isTyping) target.blur();
      else store.select(null);
  }
}
