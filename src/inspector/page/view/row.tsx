import type { JSX } from 'preact';
import type { InspectorRow } from '../../wire.js';
import { nowMs } from '../browser/browser.js';
import {
  CHIP_TONES,
  describeChip,
  formatIsoTime,
  formatRowTime,
  lastDigits,
  shortProduct,
  toneOfStatus,
  VERDICT_TONES,
} from '../model/formats.js';
import { ROW_HEIGHT } from '../model/virtual-window.js';

interface RowProps {
  /** Undefined while it is loaded. */
  readonly row: InspectorRow | undefined;
  readonly index: number;
  readonly total: number;
  readonly isSelected: boolean;
  readonly onSelect: (id: string) => void;
}

export function rowElementId(index: number): string {
  return `row-${index}`;
}

/** One notification, on two lines. */
export function RowView({ row, index, total, isSelected, onSelect }: RowProps): JSX.Element {
  return (
    // The listbox has the focus and the keys.
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled for the whole page
    // biome-ignore lint/a11y/useFocusableInteractive: an option of a listbox that has the focus itself
    <div
      id={rowElementId(index)}
      class={row === undefined ? 'row loading' : 'row'}
      role="option"
      aria-selected={isSelected}
      aria-posinset={index + 1}
      aria-setsize={total}
      style={{ top: `${index * ROW_HEIGHT}px` }}
      onClick={() => row !== undefined && onSelect(row.id)}
    >
      {row !== undefined && <RowContent row={row} />}
    </div>
  );
}

function RowContent({ row }: { readonly row: InspectorRow }): JSX.Element {
  const { atMs, originalTransactionId: id } = row;
  const [type, ...subtype] = row.type.split('.');
  return (
    <>
      <time class="at" title={atMs === null ? undefined : formatIsoTime(atMs)}>
        {formatRowTime(atMs, nowMs())}
      </time>
      <span class="line">
        <b title={row.type}>
          {type}
          <i>{subtype.map((word) => `.${word}`)}</i>
        </b>
        <VerdictWords row={row} />
        <span class={`answered ${toneOfStatus(row.answered)}`} title="answered to the sender">
          {row.answered ?? ''}
        </span>
      </span>
      <span class="at" title={id ?? undefined}>
        {id === null ? '' : lastDigits(id)}
      </span>
      <span class="line">
        <span class="product" title={row.productId ?? ''}>
          {[shortProduct(row), row.environment].filter((word) => word !== null).join(' · ')}
        </span>
        <Tags row={row} />
        {row.targets.map((target) => (
          <span key={target.name} class={`chip ${CHIP_TONES[target.state]}`} title={describeChip(target)}>
            <span>{target.name}</span>
            {target.state === 'failed' && ` ${target.httpStatus ?? 'failed'}`}
            {target.state === 'pending' && ' pending'}
          </span>
        ))}
      </span>
    </>
  );
}

export function Tags({ row }: { readonly row: InspectorRow }): JSX.Element {
  return (
    <>
      {row.isRepeat && <span class="tag">repeat</span>}
      {row.isSynthetic && <span class="tag">synthetic</span>}
    </>
  );
}

/** The verdict in words and colour; the reason is what the tooltip adds. */
export function VerdictWords({ row }: { readonly row: InspectorRow }): JSX.Element {
  const { verdict, reason, isRejected } = row;
  if (verdict === null)
    return <span class={isRejected ? 'verdict bad' : 'verdict quiet'}>{isRejected ? 'rejected' : 'not verified'}</span>;
  return (
    <span class={`verdict ${VERDICT_TONES[verdict]}`} title={reason ?? undefined}>
      {verdict}
    </span>
  );
}
