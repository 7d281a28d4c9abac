import type { Deps } from '../../cli/deps.js';
import { EXIT, type Exit } from '../../cli/exit.js';
import type { View } from '../../terminal/layout.js';
import { CHAPTER_NAMES, type Chapter } from './reference/entry.js';
import { listed, openReference } from './reference/reference.js';
import { chapterOf, type Found, findTerms } from './reference/search.js';
import {
  chapterToJson,
  describeChapter,
  describeFound,
  describeMatch,
  describeOverview,
  foundToJson,
  overviewToJson,
} from './view.js';

/**
 * Explains terms, lists a chapter, or tells what chapters there are. Exit 0 when something was found, be it only like what was asked
 * for; 1 when nothing was: whether there is such a thing is the question, and Apple may well have added it since.
 */
export async function runExplain({ terms, json }: ExplainOptions, deps: ExplainDeps): Promise<Exit> {
  const { stdout, now } = deps;
  const view: View = { paint: stdout.paint, columns: stdout.columns, nowMs: now() };
  const [only, ...others] = terms;
  const chapter = others.length === 0 ? chapterOf(only) : undefined;
  if (only !== undefined && chapter === undefined) return tellFound(findTerms(terms), json, view, deps);
  stdout.write(chapter === undefined ? overview(json, view) : wholeChapter(chapter, json, view));
  return EXIT.ok;
}

function overview(json: boolean, view: View): string {
  const sizes = CHAPTER_NAMES.map((name) => ({ name, entries: listed(openReference(name)).length }));
  return json ? overviewToJson(sizes) : describeOverview(sizes, view);
}

function wholeChapter(chapter: Chapter, json: boolean, view: View): string {
  const entries = listed(openReference(chapter));
  return json ? chapterToJson(chapter, entries) : describeChapter(chapter, entries, view);
}

function tellFound(found: readonly Found[], json: boolean, view: View, { stdout, stderr }: ExplainDeps): Exit {
  if (json) {
    stdout.write(foundToJson(found));
  } else {
    stderr.write(found.map((each) => describeMatch(each, stderr)).join(''));
    stdout.write(found.map((each) => describeFound(each, view)).join('\n'));
  }
  return found.some(({ match }) => match === 'none') ? EXIT.no : EXIT.ok;
}

export interface ExplainOptions {
  /** A chapter, names, or words to look for; empty for the overview. */
  readonly terms: readonly string[];
  readonly json: boolean;
}

export type ExplainDeps = Pick<Deps, 'stdout' | 'stderr' | 'now'>;
