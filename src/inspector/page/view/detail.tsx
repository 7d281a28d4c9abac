import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { InspectorDetail } from '../../wire.js';
import type { InspectorStore } from '../browser/inspector-store.js';
import { isEditable } from '../model/edited-payload.js';
import { formatIsoTime } from '../model/formats.js';
import { TABS, type TabName, tabOfKey } from '../model/keys.js';
import { ChecksTab } from './checks-tab.js';
import { copyCurl } from './copy.js';
import { DeliveriesTab } from './deliveries-tab.js';
import { FailureText } from './notices.js';
import { PayloadTab } from './payload-tab.js';
import { Tags, VerdictWords } from './row.js';
import { RawTab, SummaryTab, TimelineTab } from './text-tabs.js';
import { Welcome } from './welcome.js';

interface PaneProps {
  readonly store: InspectorStore;
}

/** The right pane: the selected notification, or what to do next. */
export function DetailPane({ store }: PaneProps): JSX.Element {
  const { selectedId, detail, detailFailure, setup } = store.state;
  return (
    <section class="detail" aria-label="Selected notification">
      {selectedId === null && setup !== null && <Welcome store={store} setup={setup} />}
      {detailFailure !== null && <FailureText failure={detailFailure} />}
      {selectedId !== null && detail !== null && <Detail store={store} detail={detail} />}
    </section>
  );
}

const TITLES: Readonly<Record<TabName, string>> = {
  summary: 'Summary',
  payload: 'Payload',
  checks: 'Checks',
  deliveries: 'Deliveries',
  raw: 'Raw',
  timeline: 'Timeline',
};

interface DetailProps extends PaneProps {
  readonly detail: InspectorDetail;
}

function Detail({ store, detail }: DetailProps): JSX.Element {
  const { row } = detail;
  const { tab } = store.state;
  const panel = useRef<HTMLDivElement>(null);
  const tabs = useRef<HTMLDivElement>(null);
  useEffect(() => {
    panel.current?.scrollTo({ top: 0 });
    tabs.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [row.id, tab]);
  const onTabKey = (event: KeyboardEvent): void => {
    const next = tabOfKey(event.key, tab);
    if (next === null) return;
    event.preventDefault();
    store.showTab(next);
    tabs.current?.querySelector<HTMLElement>(`#tab-${next}`)?.focus();
  };
  return (
    <>
      <header class="title">
        <h2>{row.type}</h2>
        <VerdictWords row={row} />
        <Tags row={row} />
        <button type="button" class="plain close" title="Close (Esc)" onClick={() => closeDetail(store)}>
          Close
        </button>
        <p class="subtitle">{describeArrival(detail)}</p>
        <Actions store={store} detail={detail} />
      </header>
      <div ref={tabs} class="tabs" role="tablist" aria-label="Views" onKeyDown={onTabKey}>
        {TABS.map((name, index) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={name === tab}
            tabIndex={name === tab ? 0 : -1}
            aria-controls="panel"
            title={`Key ${index + 1}`}
            onClick={() => store.showTab(name)}
          >
            {TITLES[name]}
          </button>
        ))}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a pane that scrolls is reached by the keyboard */}
      <div ref={panel} class="panel" role="tabpanel" id="panel" aria-labelledby={`tab-${tab}`} tabIndex={0}>
        <TabContent store={store} detail={detail} tab={tab} />
      </div>
    </>
  );
}

/** The button goes with the pane: the list has the focus next. */
function closeDetail(store: InspectorStore): void {
  store.select(null);
  document.querySelector<HTMLElement>('.rows')?.focus();
}

function describeArrival({ row }: InspectorDetail): string {
  const answered = row.answered === null ? null : `answered ${row.answered}`;
  const at = row.atMs === null ? null : formatIsoTime(row.atMs);
  return [at, answered, row.environment, row.id].filter((part) => part !== null).join(' \u00b7 ');
}

/** What can be done with it. One that cannot be done says why when it is pressed, so that nobody has to guess. */
function Actions({ store, detail }: DetailProps): JSX.Element {
  return (
    <div class="actions">
      <button type="button" onClick={() => store.open('replay')}>
        Replay<kbd>r</kbd>
      </button>
      {isEditable(detail.document) && (
        <button type="button" onClick={() => store.open('edit')}>
          Edit and sign again<kbd>e</kbd>
        </button>
      )}
      {detail.curl !== null && (
        <button type="button" onClick={() => void copyCurl(store, detail)}>
          Copy as curl<kbd>y</kbd>
        </button>
      )}
    </div>
  );
}

function TabContent({ store, detail, tab }: DetailProps & { readonly tab: TabName }): JSX.Element {
  switch (tab) {
    case 'summary':
      return <SummaryTab detail={detail} />;
    case 'payload':
      return <PayloadTab detail={detail} />;
    case 'checks':
      return <ChecksTab detail={detail} />;
    case 'deliveries':
      return <DeliveriesTab detail={detail} />;
    case 'raw':
      return <RawTab store={store} detail={detail} />;
    case 'timeline':
      return <TimelineTab key={detail.row.id} detail={detail} version={store.rows.total} />;
  }
}
