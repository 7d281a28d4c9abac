import type { Deps } from '../../cli/deps.js';
import { EXIT, type Exit } from '../../cli/exit.js';
import type { View } from '../../terminal/layout.js';
import { CHAPTER_NAMES, type Chapter } from './reference/entry.js';
import { listedEntries, openReference } from './reference/reference.js';
import { chapterOf, findTerms, type SearchResult } from './reference/search.js';
import {
  chapterToJson,
  describeChapter,
  describeEntries,
  describeMatch,
  describeOverview,
  entriesToJson,
  overviewToJson,
} from './view.js';

/**
 * Explains terms, lists a chapter, or lists the chapters. Exit 0 for an exact or a similar match, 1 for none: an unknown term is an answer
 * and not a usage error, since Apple may have added it after this version.
 */
export async function runExplain({ terms, json }: ExplainOptions, deps: ExplainDeps): Promise<Exit> {
  const { stdout, now } = deps;
  const view: View = { paint: stdout.paint, columns: stdout.columns, nowMs: now() };
  const [only, ...others] = terms;
  const chapter = others.length === 0 ? chapterOf(only) : undefined;
  if (only !== undefined && chapter === undefined) return showResults(findTerms(terms), json, view, deps);
  stdout.write(chapter === undefined ? overview(json, view) : wholeChapter(chapter, json, view));
  return EXIT.ok;
}

function overview(json: boolean, view: View): string {
  const sizes = CHAPTER_NAMES.map((name) => ({ name, entries: listedEntries(openReference(name)).length }));
  return json ? overviewToJson(sizes) : describeOverview(sizes, view);
}

function wholeChapter(chapter: Chapter, json: boolean, view: View): string {
  const entries = listedEntries(openReference(chapter));
  return json ? chapterToJson(chapter, entries) : describeChapter(chapter, entries, view);
}

function showResults(
  results: readonly SearchResult[],
  json: boolean,
  view: View,
  { stdout, stderr }: ExplainDeps,
): Exit {
  if (json) {
    stdout.write(entriesToJson(results));
  } else {
    stderr.write(results.map((each) => describeMatch(each, stderr)).join(''));
    stdout.write(results.map((each) => describeEntries(each, view)).join('\n'));
  }
  return results.some(({ match }) => match === 'none') ? EXIT.no : EXIT.ok;
}

export interface ExplainOptions {
  /** A chapter, names or search words; empty for the overview. */
  readonly terms: readonly string[];
  readonly json: boolean;
}

export type ExplainDeps = Pick<Deps, 'stdout' | 'stderr' | 'now'>;
