import { STATUS_EDITIONS, type StatusEdition } from '../../notification/catalogue/verification-statuses.js';
import { type Listed, layEntries } from '../../terminal/columns.js';
import { showText } from '../../terminal/escape.js';
import { groupDigits } from '../../terminal/format.js';
import { toJsonLine } from '../../terminal/json.js';
import { joinParts, layRows, laySentence, type View } from '../../terminal/layout.js';
import { widthOf } from '../../terminal/width.js';
import { type ExplainedFacts, explainedFactsOf } from './facts-view.js';
import { CHAPTERS, type Chapter, type CheckEntry, capitalise, type Entry } from './reference/entry.js';
import { ERROR_CODE_AREAS } from './reference/error-codes.js';
import type { SearchResult } from './reference/search.js';

/** A chapter with its number of entries. */
interface ChapterSize {
  readonly name: Chapter;
  readonly entries: number;
}

/** The list of chapters, with examples. */
export function describeOverview(chapters: readonly ChapterSize[], view: View): string {
  const entries = chapters.map(({ name, entries }): Listed => {
    return { name, title: `${CHAPTERS[name]} (${entries})`, depth: 0 };
  });
  return joinParts([layEntries('Chapters', entries, view), USAGE.map((line) => view.paint.cyan(line))]);
}

const USAGE = [
  'storewire explain types',
  'storewire explain DID_RENEW.BILLING_RECOVERY',
  'storewire explain refund declined',
  'storewire explain ERR_HTTP_PROXY',
];

/** A chapter as a list of terms and titles. */
export function describeChapter(chapter: Chapter, entries: readonly Entry[], view: View): string {
  const groups = GROUPS[chapter] ?? [{ heading: capitalise(CHAPTERS[chapter]), has: () => true }];
  const numbered = chapter === 'statuses' ? entries.map(({ term }) => term) : [];
  return joinParts([
    ...groups.map(({ heading, has }) => layEntries(heading, entries.filter(has).flatMap(listEntry), view)),
    numbered.length === 0 ? [] : layStatusNumbers(numbered, view),
    chapter === 'errors' ? laySentence('Error codes of storewire itself: storewire explain codes', view) : [],
  ]);
}

interface Group {
  readonly heading: string;
  readonly has: (entry: Entry) => boolean;
}

/** Chapters listed in groups. */
const GROUPS: Readonly<Partial<Record<Chapter, readonly Group[]>>> = {
  errors: (['App Store Server API', 'App Store Connect API', 'verifyReceipt'] as const).map((api) => ({
    heading: api,
    has: (entry) => entry.chapter === 'errors' && entry.api === api,
  })),
  codes: ERROR_CODE_AREAS.map((area) => ({
    heading: area,
    has: (entry) => entry.chapter === 'codes' && entry.area === area,
  })),
};

/** Subtypes are listed below their type, with a leading dot. */
function listEntry(entry: Entry): readonly Listed[] {
  if (entry.chapter !== 'types') return [{ name: entry.term, title: entry.title, depth: 0 }];
  const subtypes = entry.events.filter(({ subtype, former }) => subtype !== null && !former);
  return [
    { name: entry.term, title: entry.title, depth: 0 },
    ...subtypes.map(({ subtype, title }): Listed => ({ name: `.${subtype}`, title, depth: 1 })),
  ];
}

/** Maximum number of exact matches shown in full; more are listed. */
const MAX_IN_FULL = 3;

/** Maximum number of similar matches listed; a single one is shown in full. */
const MAX_LISTED = 15;

/** The entries of one result, in full or as a list; empty without a match. */
export function describeEntries({ query, match, entries }: SearchResult, view: View): string {
  if (match === 'none') return '';
  if (entries.length <= (match === 'exact' ? MAX_IN_FULL : 1)) {
    return entries.map((entry) => describeEntry(entry, view)).join('\n');
  }
  const shown = entries.slice(0, match === 'exact' ? entries.length : MAX_LISTED);
  const heading = `${groupDigits(entries.length)} entries ${match === 'exact' ? 'named' : 'similar to'} ${showText(query)}`;
  const rest = entries.length - shown.length;
  return joinParts([
    layEntries(
      heading,
      shown.map((entry) => ({ name: nameOf(entry), title: titleOf(entry), depth: 0 })),
      view,
    ),
    rest === 0 ? [] : laySentence(`… and ${rest} more: add a word, or put a chapter first.`, view),
  ]);
}

const KINDS: Readonly<Record<Chapter, string>> = {
  types: 'notification type',
  subtypes: 'subtype',
  fields: 'field',
  values: 'value',
  attempts: 'attempt result',
  errors: 'error',
  codes: 'error code of storewire',
  reasons: 'storewire reason code',
  checks: 'check',
  statuses: "status of Apple's server libraries",
};

const KINDS_OF_CHECK: Readonly<Record<CheckEntry['of'], string>> = {
  verification: 'check of a verification',
  check: 'step of storewire check',
  audit: 'part of storewire audit',
};

function kindOf(entry: Entry): string {
  if (entry.chapter === 'errors')
    return entry.api === 'verifyReceipt' ? 'status of verifyReceipt' : `error of the ${entry.api}`;
  if (entry.chapter === 'checks') return KINDS_OF_CHECK[entry.of];
  if (entry.chapter !== 'values') return KINDS[entry.chapter];
  const fields = new Set(entry.paths.map((path) => path.split('.').at(-1)));
  return `value of ${[...fields].join(', ')}`;
}

/** The term of a numeric value already names its field, so its title needs no prefix. */
function titleOf(entry: Entry): string {
  return entry.chapter === 'values' && typeof entry.value === 'number'
    ? entry.title
    : `${kindOf(entry)}: ${entry.title}`;
}

/** The argument that shows only this entry; a bare number would match several. */
function nameOf({ chapter, term }: Entry): string {
  return chapter === 'statuses' && /^\d+$/.test(term) ? `statuses ${term}` : term;
}

function describeEntry(entry: Entry, view: View): string {
  const groups = explainedFactsOf(entry).filter(({ rows }) => rows.length > 0);
  const sentences = [entry.title, entry.meaning]
    .filter((text) => text !== '')
    .flatMap((text) => laySentence(text, view));
  const link = entry.link === null ? [] : [view.paint.cyan(entry.link)];
  return joinParts([[...layHead(entry, view), ...sentences], ...groups.map((facts) => layFacts(facts, view)), link]);
}

/** Term and kind on one line, or on two where the line would be too wide. */
function layHead(entry: Entry, { paint, columns }: View): readonly string[] {
  const kind = kindOf(entry);
  const name = paint.bold(entry.term);
  if (widthOf(entry.term) + 2 + widthOf(kind) <= columns) return [`${name}  ${paint.dim(kind)}`];
  return [name, ...laySentence(kind, { columns }).map((line) => paint.dim(line))];
}

function layFacts({ heading, rows }: ExplainedFacts, view: View): readonly string[] {
  return [...(heading === undefined ? [] : [heading]), ...layRows(rows, view)];
}

/** The note on stderr for a similar match or none; empty for an exact match. */
export function describeMatch({ query, match, entries }: SearchResult, { paint }: Pick<View, 'paint'>): string {
  if (match === 'exact') return '';
  if (match === 'similar') {
    const shown = entries.length === 1 ? 'the nearest entry' : 'the nearest entries';
    return `${paint.dim(`No exact match for "${showText(query)}"; showing ${shown}.`)}\n`;
  }
  const names = entries.map(nameOf).join(', ');
  const next = names === '' ? 'Run storewire explain for the list of chapters.' : `Nearest: ${names}.`;
  return `No match for "${showText(query)}". ${next}\n`;
}

/** The JSON document of one or more results; `suggestions` are the nearest terms where nothing matched. */
export function entriesToJson(results: readonly SearchResult[]): string {
  return toJsonLine({
    results: results.map(({ query, match, entries }) => ({
      query,
      match,
      entries: match === 'none' ? [] : entries,
      suggestions: match === 'none' ? entries.map(nameOf) : [],
    })),
  });
}

/** The JSON document of a chapter. */
export function chapterToJson(chapter: Chapter, entries: readonly Entry[]): string {
  return toJsonLine({ chapter, about: CHAPTERS[chapter], entries });
}

/** The JSON document of the overview. */
export function overviewToJson(chapters: readonly ChapterSize[]): string {
  return toJsonLine({ chapters: chapters.map(({ name, entries }) => ({ name, about: CHAPTERS[name], entries })) });
}

const GAP = '  ';

/**
 * Table of status numbers: one row a status, one column a library and version range; `–` for a status without a number, blank where the
 * library does not have it. 75 cells wide.
 */
function layStatusNumbers(names: readonly string[], { paint }: Pick<View, 'paint'>): readonly string[] {
  const width = Math.max(...names.map(widthOf));
  const shown = STATUS_EDITIONS.filter(hasOwnNumbers);
  const columns = shown.map((edition) => {
    const isOnly = shown.filter(({ library }) => library === edition.library).length === 1;
    const head = [edition.library, isOnly ? '' : versionsOf(edition)];
    return { edition, head, width: Math.max(...head.map(widthOf)) };
  });
  const heads = [0, 1].map((line) => columns.map(({ head, width: cells }) => head[line]!.padStart(cells)).join(GAP));
  return [
    paint.bold('Numbers'),
    ...heads.map((cells) => paint.dim(`${GAP}${' '.repeat(width)}${GAP}${cells}`).trimEnd()),
    ...names.map((name) => {
      const cells = columns.map(({ edition, width: room }) => cellOf(edition, name).padStart(room));
      return `${GAP}${paint.cyan(name.padEnd(width))}${GAP}${cells.join(GAP)}`.trimEnd();
    }),
  ];
}

/** True for the current edition, and for an earlier one in which a status had another number. */
function hasOwnNumbers({ library, until, statuses, numbers }: StatusEdition): boolean {
  const current = STATUS_EDITIONS.find((edition) => edition.library === library && edition.until === null);
  if (until === null || current === undefined) return true;
  return numbers !== null && statuses.some((name, at) => current.statuses.indexOf(name) !== at);
}

function versionsOf({ from, until }: StatusEdition): string {
  if (until !== null) return `<${until}`;
  return from === null ? '' : `${from}+`;
}

function cellOf({ statuses, numbers }: StatusEdition, name: string): string {
  const at = statuses.indexOf(name);
  if (at === -1) return '';
  return numbers === null ? '–' : String(at);
}
