import { displayUrl, displayUrlsIn } from '../../address/display.js';
import { isValidUrl } from '../../address/valid-url.js';
import type { Deps } from '../../cli/deps.js';
import type { CheckContext } from '../../endpoint-check/context.js';
import { checkEndpoint, OUTSIDE_GROUPS } from '../../endpoint-check/run.js';
import type { CheckedStep, CheckPlan, Group, Step } from '../../endpoint-check/step.js';
import { type AppUrls, checkUrl } from '../../endpoint-check/url.js';
import { stoppedByDeadline } from './deadline.js';
import { unanswered } from './model.js';

export interface OutsideOptions {
  readonly groups: CheckPlan['groups'];
  /** URLs in App Store Connect; null if not known, or if the app-store-connect group reports them. */
  readonly appUrls: AppUrls | null;
  readonly context: CheckContext;
  /** True if an emulator on this machine sends instead of Apple, so that local URLs can be reached. */
  readonly isEmulated: boolean;
  /** Called with each group as soon as it is complete. */
  readonly onSteps: (steps: readonly CheckedStep[]) => void;
  readonly deps: Pick<Deps, 'signal'>;
}

const ENVIRONMENTS_ID = 'url.environments';

/** Runs the selected ones of the groups url, dns, tls and http for one URL. */
export async function checkFromOutside(text: string, options: OutsideOptions): Promise<void> {
  const { groups, context, appUrls, isEmulated } = options;
  const reported = new Set<Group>();
  const onSteps = (steps: readonly Step[]): void => {
    for (const { group } of steps) reported.add(group);
    options.onSteps(steps.map((step) => shownStep(step, text)));
  };
  // A value in App Store Connect may not be a URL: report that even if the url group was not requested.
  const isUrl = isValidUrl(text);
  const urlSteps =
    groups.has('url') || !isUrl
      ? checkUrl(text, appUrls, isEmulated).filter(({ id }) => appUrls !== null || id !== ENVIRONMENTS_ID)
      : [];
  if (urlSteps.length > 0) onSteps(urlSteps);
  const remaining = OUTSIDE_GROUPS.filter((group) => groups.has(group));
  if (remaining.length === 0 || !isUrl) return;
  try {
    await checkEndpoint(new URL(text), new Set(remaining), urlSteps, context, onSteps);
  } catch (error) {
    const timeout = stoppedByDeadline(error, options.deps);
    const missing = remaining.filter((group) => !reported.has(group));
    options.onSteps(
      missing.map((group) => ({
        ...unanswered(`${group}.deadline`, 'deadline', timeout),
        url: displayUrl(text, 'report'),
      })),
    );
  }
}

/** Removes secrets from the URLs that a step quotes: the URL under test and redirect targets may hold a key. */
function shownStep(step: Step, url: string): CheckedStep {
  const shown = (text: string | null): string | null => (text === null ? null : displayUrlsIn(text));
  return { ...step, seen: shown(step.seen), hint: shown(step.hint), url: displayUrl(url, 'report') };
}
