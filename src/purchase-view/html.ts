import type { PurchaseTimeline } from '../purchase/purchase.js';
import { shorten } from '../terminal/escape.js';
import { countOf } from '../terminal/format.js';
import { describePurchaseEvent } from './event-words.js';
import { messageOf } from './finding-words.js';
import { encodeMarkup } from './markup.js';
import { describeCounts, describeShortState } from './overview-words.js';
import { describeIdentity, describeState } from './state-sentence.js';
import { letterOf } from './states.js';
import { drawLaneSvg } from './svg.js';
import { SVG_STYLE } from './svg-style.js';

/** Rules that the content of {@link purchasesToHtml} needs beside those of the page. */
export const PURCHASE_PAGE_STYLE = `${SVG_STYLE}
.lane { display: block; width: 100%; height: auto; margin: 1rem 0; } .lane.narrow { display: none; }
.key { display: inline-block; min-width: 1.5em; line-height: 1.5em; padding: 0 .3em; border-radius: 1em; text-align: center; font-size: .8rem; font-weight: 600; background: var(--text); color: var(--page); }
.key.hollow { background: none; color: var(--text); box-shadow: inset 0 0 0 1.5px var(--text); }
section { margin-top: 2.5rem; } .purchase h2 { margin: 0; overflow-wrap: anywhere; } .purchase .card { border-left: 6px solid var(--odd); } .type { font-weight: 600; overflow-wrap: anywhere; }
td:last-child .type { display: block; } .at { white-space: nowrap; }
@media (max-width: 46rem) { .lane.wide { display: none; } .lane.narrow { display: block; } }
`;

/** Content of a page about purchases, as HTML: a table of all where there are several, then each with its lane, events and findings. */
export function purchasesToHtml(purchases: readonly PurchaseTimeline[]): readonly string[] {
  const isSeveral = purchases.length > 1;
  return [
    ...(isSeveral ? [`<p class="lead">${encodeMarkup(describeCounts(purchases))}</p>`, ...tableOf(purchases)] : []),
    ...purchases.flatMap((purchase, index) => sectionOf(purchase, index)),
  ];
}

/** A sentence in which no time is broken at its hyphens. */
function encodeProse(text: string): string {
  return encodeMarkup(text).replace(/\d{4}-\d\d-\d\dT[\d:]+Z/g, '<span class="at">$&</span>');
}

/** Tones of the page's boxes. */
const TONES = {
  active: 'good',
  'in-grace-period': 'odd',
  'in-billing-retry': 'odd',
  expired: '',
  revoked: 'bad',
  refunded: 'bad',
  migrated: '',
  unknown: 'odd',
} as const;

function tableOf(purchases: readonly PurchaseTimeline[]): readonly string[] {
  const row = (purchase: PurchaseTimeline, index: number): string => {
    const { id, state, productId, findings } = purchase;
    const found = findings.length === 0 ? '' : ` <span class="pill odd">${countOf(findings.length, 'finding')}</span>`;
    return `<tr><td><a href="#purchase-${index + 1}"><code>${encodeMarkup(shorten(id))}</code></a></td><td class="wide">${encodeMarkup(shorten(productId ?? '–'))}</td><td><span class="pill ${TONES[state]}">${encodeMarkup(describeShortState(purchase))}</span>${found}</td></tr>`;
  };
  return ['<table>', '<tr><th>purchase</th><th>product</th><th>state</th></tr>', ...purchases.map(row), '</table>'];
}

function sectionOf(purchase: PurchaseTimeline, index: number): readonly string[] {
  const { headline, details, isUnverified } = describeState(purchase);
  const [product = '', ...identity] = describeIdentity(purchase);
  const tone = isUnverified ? 'odd' : TONES[purchase.state];
  return [
    `<section class="purchase" id="purchase-${index + 1}">`,
    `<h2>${encodeMarkup(product)}</h2>`,
    `<p class="place dim">${identity.map((text) => `<span>${encodeMarkup(text)}</span>`).join(' ')}</p>`,
    `<div class="verdict ${tone}"><strong>${encodeProse(isUnverified ? `Not verified: ${headline}` : headline)}</strong>`,
    ...details.map((text) => `<p>${encodeProse(text)}</p>`),
    '</div>',
    ...[...drawLaneSvg(purchase, 'wide'), ...drawLaneSvg(purchase, 'narrow')],
    ...findingsOf(purchase),
    ...eventsTable(purchase),
    '</section>',
  ];
}

function eventsTable({ events }: PurchaseTimeline): readonly string[] {
  return [
    '<table>',
    '<tr><th></th><th>signed (UTC)</th><th>notification</th></tr>',
    ...events.map((event, index) => {
      const { date, type, meaning, remarks, isUnverified } = describePurchaseEvent(event);
      const remark =
        remarks.length === 0
          ? ''
          : ` <span class="${isUnverified ? 'odd' : 'dim'}">${encodeMarkup(remarks.join(', '))}</span>`;
      return `<tr><td><span class="key${isUnverified ? ' hollow' : ''}">${letterOf(index)}</span></td><td><code>${encodeMarkup(date)}</code></td><td><span class="type">${encodeMarkup(type)}</span>${encodeProse(meaning)}${remark}</td></tr>`;
    }),
    '</table>',
  ];
}

function findingsOf({ findings }: PurchaseTimeline): readonly string[] {
  return findings.map((finding) => {
    const hint = finding.hint === '' ? '' : `<p class="dim">${encodeMarkup(finding.hint)}</p>`;
    return `<div class="card"><p>${encodeProse(messageOf(finding))}</p>${hint}</div>`;
  });
}
