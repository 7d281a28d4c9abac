import type { BuiltNotification, EventName } from '../payloads/assemble.js';
import type { EventContext } from '../payloads/context.js';
import type { ProductType } from '../payloads/purchase.js';

/** Builds the notification of one step. `context` holds the time of that step. */
type Assemble<State> = (event: EventName, context: EventContext, state: State) => BuiltNotification;

/** One step of a scenario: the event that the App Store notifies of, and the change of state it brings. */
export interface StepDefinition<State> {
  /** `TYPE` or `TYPE.SUBTYPE`. */
  readonly event: string;
  /** One sentence that describes the step. */
  readonly says: string;
  /** Time of the step in milliseconds, from the state and the time of the step before. A whole second, as in Apple's payloads. */
  readonly when: (before: State, previousMs: number) => number;
  readonly apply: (before: State, atMs: number, context: EventContext) => State;
  /** Overrides the scenario's own `assemble` for this step. */
  readonly assemble?: Assemble<State>;
}

/** First step of a scenario, which creates the state. */
export interface FirstStepDefinition<State> extends Pick<StepDefinition<State>, 'event' | 'says'> {
  readonly create: (context: EventContext, atMs: number) => State;
}

/** A scenario about one subscription, purchase or token, on a virtual clock. */
export interface ScenarioOutline<State> {
  readonly name: string;
  /** Headline of a few words. */
  readonly title: string;
  readonly productType: ProductType;
  readonly assemble: Assemble<State>;
  readonly first: FirstStepDefinition<State>;
  readonly steps: readonly StepDefinition<State>[];
}

/** A step with its time and state. `build` takes the context of the step's time. */
interface BuiltStep {
  readonly event: string;
  readonly says: string;
  readonly atMs: number;
  readonly build: (context: EventContext) => BuiltNotification;
}

/** A scenario whose state type is hidden, so that scenarios of every kind fit into one list. */
export interface ScenarioDefinition {
  readonly name: string;
  readonly title: string;
  readonly productType: ProductType;
  /** Every event, in order. */
  readonly events: readonly string[];
  /** Builds the steps from `startMs` on; all of them use the ids of `context`. */
  build(context: EventContext, startMs: number): readonly BuiltStep[];
}

export function defineScenario<State>(outline: ScenarioOutline<State>): ScenarioDefinition {
  const { name, title, productType, first, steps } = outline;
  return {
    name,
    title,
    productType,
    events: [first.event, ...steps.map(({ event }) => event)],
    build: (context, startMs) => buildSteps(outline, context, startMs),
  };
}

function buildSteps<State>(
  { assemble, first, steps }: ScenarioOutline<State>,
  context: EventContext,
  startMs: number,
): readonly BuiltStep[] {
  let state = first.create(context, startMs);
  let atMs = startMs;
  const built = [buildStep(first, assemble, state, atMs)];
  for (const step of steps) {
    atMs = step.when(state, atMs);
    state = step.apply(state, atMs, context);
    built.push(buildStep(step, step.assemble ?? assemble, state, atMs));
  }
  return built;
}

function buildStep<State>(
  { event, says }: Pick<StepDefinition<State>, 'event' | 'says'>,
  assemble: Assemble<State>,
  state: State,
  atMs: number,
): BuiltStep {
  return { event, says, atMs, build: (context) => assemble(parseEvent(event), context, state) };
}

/** Splits `TYPE` or `TYPE.SUBTYPE`. */
export function parseEvent(event: string): { readonly type: string; readonly subtype: string | null } {
  const [type = '', subtype = null] = event.split('.');
  return { type, subtype };
}
