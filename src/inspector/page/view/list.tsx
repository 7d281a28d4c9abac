import type { JSX, RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { InspectorStore, ShownFailure } from '../browser/inspector-store.js';
import { groupThousands } from '../model/formats.js';
import { computeWindow, ROW_HEIGHT, scrollTopToShow } from '../model/virtual-window.js';
import { FailureText } from './notices.js';
import { RowView, rowElementId } from './row.js';

interface ListProps {
  readonly store: InspectorStore;
  readonly filter: RefObject<HTMLInputElement | null>;
  readonly failure: ShownFailure | null;
}

/** The left pane: the filter, and below it the rows. */
export function NotificationList({ store, filter, failure }: ListProps): JSX.Element {
  const { query, setup } = store.state;
  const { total } = store.rows;
  return (
    <section class="list" aria-label="Notifications">
      <div class="filter">
        <input
          ref={filter}
          type="search"
          value={query}
          placeholder="Filter: refund  verdict:invalid  717451"
          aria-label="Filter"
          spellcheck={false}
          autocomplete="off"
          onInput={(event) => store.filter(event.currentTarget.value)}
        />
        <span class="count">{setup === null ? '' : groupThousands(total)}</span>
      </div>
      {failure !== null && <FailureText failure={failure} />}
      {setup !== null && total === 0 && (
        <p class="nothing">{query === '' ? 'Nothing received yet.' : 'No notification matches the filter.'}</p>
      )}
      <Rows store={store} />
    </section>
  );
}

interface Viewport {
  readonly scrollTop: number;
  readonly height: number;
}

/** Draws the rows in view. A list that is scrolled down stays on its rows when others arrive above them. */
function Rows({ store }: { readonly store: InspectorStore }): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  const [{ scrollTop, height }, setViewport] = useState<Viewport>({ scrollTop: 0, height: 0 });
  const [seen, setSeen] = useState(0);
  const { added, selectedId, version } = store.state;
  const { total } = store.rows;
  const measure = (): void => {
    const element = scroller.current;
    if (element === null) return;
    setViewport({ scrollTop: element.scrollTop, height: element.clientHeight });
    if (element.scrollTop === 0) setSeen(store.state.added);
  };

  useLayoutEffect(() => {
    measure();
    const observer = new ResizeObserver(measure);
    if (scroller.current !== null) observer.observe(scroller.current);
    return () => observer.disconnect();
  }, []);

  const placed = useRef(added);
  useLayoutEffect(() => {
    const element = scroller.current;
    const above = added - placed.current;
    placed.current = added;
    if (element === null) return;
    if (above > 0 && element.scrollTop > 0) element.scrollTop += above * ROW_HEIGHT;
    // A list that was replaced begins at its top.
    if (added === 0 && above < 0) element.scrollTop = 0;
    measure();
  }, [added, version]);

  useLayoutEffect(() => {
    const element = scroller.current;
    const index = selectedId === null ? undefined : store.rows.indexOf(selectedId);
    if (element !== null && index !== undefined) {
      element.scrollTop = scrollTopToShow(index, element.scrollTop, element.clientHeight);
    }
  }, [selectedId]);

  const { start, end } = computeWindow(scrollTop, height, total);
  useLayoutEffect(() => store.want(start, end), [start, end, version]);
  const unseen = added - Math.min(seen, added);
  const selectedIndex = selectedId === null ? undefined : store.rows.indexOf(selectedId);
  const isDrawn = selectedIndex !== undefined && selectedIndex >= start && selectedIndex < end;
  return (
    <div class="rows-place">
      {unseen > 0 && scrollTop > 0 && (
        <button type="button" class="unseen" onClick={() => scroller.current?.scrollTo({ top: 0 })}>
          {groupThousands(unseen)} new
        </button>
      )}
      <div
        ref={scroller}
        class="rows"
        role="listbox"
        aria-label="Notifications, newest first"
        aria-activedescendant={isDrawn && selectedId !== null ? rowElementId(selectedIndex) : undefined}
        tabIndex={0}
        onScroll={measure}
      >
        <div class="sizer" style={{ height: `${total * ROW_HEIGHT}px` }}>
          {Array.from({ length: end - start }, (_, offset) => {
            const index = start + offset;
            const row = store.rows.rowAt(index);
            return (
              <RowView
                key={total - index}
                row={row}
                index={index}
                total={total}
                isSelected={row !== undefined && row.id === selectedId}
                onSelect={(id) => store.select(id)}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}
