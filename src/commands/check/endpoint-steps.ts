import { displayUrl, displayUrlsIn } from '../../address/display.js';
import type { Deps } from '../../cli/deps.js';
import type { CheckContext } from '../../endpoint-check/context.js';
import { checkEndpoint, OUTSIDE_GROUPS } from '../../endpoint-check/run.js';
import type { CheckedStep, CheckPlan, Group, Step } from '../../endpoint-check/step.js';
import { type AppUrls, checkUrl } from '../../endpoint-check/url.js';
import { stoppedByDeadline } from './deadline.js';
import { unanswered } from './model.js';

export interface OutsideOptions {
  readonly groups: CheckPlan['groups'];
  /** What App Store Connect has; null where that is not known, or told by a group of its own. */
  readonly appUrls: AppUrls | null;
  readonly world: CheckContext;
  /** Called with each group as soon as it is done. */
  readonly tell: (steps: readonly CheckedStep[]) => void;
  readonly deps: Pick<Deps, 'signal'>;
}

/** Compares what App Store Connect has. */
const ENVIRONMENTS_ID = 'url.environments';

/** The groups url, dns, tls and http of one URL, as far as they were asked for. */
export async function lookFromOutside(text: string, options: OutsideOptions): Promise<void> {
  const { groups, world, appUrls } = options;
  const told = new Set<Group>();
  const tell = (steps: readonly Step[]): void => {
    for (const { group } of steps) told.add(group);
    options.tell(steps.map((step) => shownStep(step, text)));
  };
  // What App Store Connect has may be no URL at all: that is told whatever was asked for.
  const isUrl = URL.canParse(text);
  const ofUrl =
    groups.has('url') || !isUrl
      ? checkUrl(text, appUrls).filter(({ id }) => appUrls !== null || id !== ENVIRONMENTS_ID)
      : [];
  if (ofUrl.length > 0) tell(ofUrl);
  const left = OUTSIDE_GROUPS.filter((group) => groups.has(group));
  if (left.length === 0 || !isUrl) return;
  try {
    await checkEndpoint(new URL(text), new Set(left), ofUrl, world, tell);
  } catch (error) {
    const late = stoppedByDeadline(error, options.deps);
    const missing = left.filter((group) => !told.has(group));
    options.tell(
      missing.map((group) => ({
        ...unanswered(`${group}.deadline`, 'deadline', late),
        url: displayUrl(text, 'report'),
      })),
    );
  }
}

/** The groups of the endpoint quote its URL, and where it redirects, whole: both may hold a key. */
function shownStep(step: Step, text: string): CheckedStep {
  const shown = (words: string | null): string | null => (words === null ? null : displayUrlsIn(words));
  return { ...step, seen: shown(step.seen), hint: shown(step.hint), url: displayUrl(text, 'report') };
}
