import { createHash } from 'node:crypto';
import path from 'node:path';
import type { Deps } from '../../cli/deps.js';
import { interrupted, ToolError } from '../../errors.js';
import { describeFileFailure } from '../../files/file-failure.js';
import { readSmallFile } from '../../files/small-file.js';
import { isJsonObject, type JsonObject } from '../../jws/json.js';
import type { OpenSettings } from '../../settings/open.js';
import type { AppEnvironment } from '../../simulator/payloads/app.js';
import type { BuiltNotification } from '../../simulator/payloads/assemble.js';
import { followNotification, signedMsOf } from '../../simulator/payloads/follow.js';
import { payloadContainer } from '../../simulator/payloads/read-state.js';
import { type ScrubReport, scrubNotifications } from '../../simulator/payloads/scrub.js';
import { type Random, seededRandom } from '../../simulator/random.js';
import { lastEventMs, playStory } from '../../simulator/scenarios/play-story.js';
import { parseStory, type Story, storyError } from '../../simulator/scenarios/story.js';
import { likeError, type Original, type OriginalDeps, readOriginals } from './original.js';
import { eventName, type RequestedApp, type Ties, type TriggerPlan } from './request.js';
import type { GivenSelection, SelectedEvent } from './selection.js';

/** What to send, with the files that the flags name. */
export type Selection =
  | Extract<GivenSelection, { kind: 'event' | 'forgery' | 'scenario' }>
  | { readonly kind: 'story'; readonly story: Story; readonly source: string }
  | LikeSelection;

export interface LikeSelection {
  readonly kind: 'like';
  readonly originals: readonly Original[];
  readonly next: SelectedEvent | null;
  /** The notifications to sign, before the edits. */
  readonly notifications: readonly BuiltNotification[];
  /** Null without `--scrub`. */
  readonly scrubbed: ScrubReport | null;
  /** Values that the original does not contain, each a sentence. */
  readonly assumptions: readonly string[];
}

/** A plan with its files read. */
export interface TriggerRequest extends Omit<TriggerPlan, 'selection'> {
  readonly selection: Selection;
}

/** Identity that the user gives by flags, as opposed to settings: it replaces that of an original. */
export interface GivenIdentity {
  readonly environment?: string | undefined;
  readonly bundleId?: string | undefined;
  readonly appAppleId?: string | undefined;
}

interface LoadContext {
  readonly open: OpenSettings;
  readonly given: GivenIdentity;
  /** Secret of the project, which scrubbed values are derived from; called for `--scrub` without a seed. */
  readonly secret: () => Promise<string>;
  readonly random: Random;
}

/** Reads the files that a plan names. Throws `ERR_TRIGGER_STORY`, `ERR_TRIGGER_LIKE`, `ERR_TRIGGER_PRODUCT` and `ERR_SIMULATOR_BASE` (usage). */
export async function loadRequest(
  plan: TriggerPlan,
  context: LoadContext,
  deps: OriginalDeps,
): Promise<TriggerRequest> {
  const { selection } = plan;
  if (selection.kind === 'story') return { ...plan, selection: await loadStory(selection.path, plan, deps) };
  if (selection.kind !== 'like') return { ...plan, selection };
  const originals = await readOriginals(selection.input, context.open, deps);
  const like = await loadLike(plan, { ...selection, originals }, { ...context, nowMs: deps.now() });
  return { ...plan, app: appOfLike(plan.app, like), selection: like };
}

async function loadStory(
  file: string,
  { app }: TriggerPlan,
  deps: OriginalDeps,
): Promise<Extract<Selection, { kind: 'story' }>> {
  const source = file === '-' ? 'standard input' : file;
  const story = parseStory(await readText(file, deps), source);
  // Played once, so that a mistake in a later step is reported before anything is sent.
  playStory(story, source, {
    nowMs: deps.now(),
    random: seededRandom('check'),
    environment: app.environment,
    isForged: false,
    onRemark: () => undefined,
  });
  return { kind: 'story', story, source };
}

async function readText(file: string, { cwd, stdin, signal }: Pick<Deps, 'cwd' | 'stdin' | 'signal'>): Promise<string> {
  if (file === '-') {
    const chunks: Uint8Array[] = [];
    for await (const chunk of stdin.chunks(signal)) chunks.push(Uint8Array.from(chunk));
    if (signal.aborted) throw interrupted();
    return Buffer.concat(chunks).toString();
  }
  try {
    return (await readSmallFile(path.resolve(cwd, file), signal)).toString();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined || cause instanceof ToolError) throw cause;
    const defect = code === 'ENOENT' && !file.includes('://') ? 'no such file' : describeFileFailure(code, file);
    throw storyError(file, defect, 'To write one: storewire trigger --export-scenario refund > story.json');
  }
}

type GivenLike = Extract<GivenSelection, { kind: 'like' }> & { readonly originals: readonly [Original, ...Original[]] };

async function loadLike(
  plan: TriggerPlan,
  { originals, next, isScrubbed }: GivenLike,
  context: LoadContext & { readonly nowMs: number },
): Promise<LikeSelection> {
  const { app, ties } = plan;
  const { given, secret } = context;
  const { notifications, assumptions } =
    next === null
      ? { notifications: originals.map(({ built }) => built), assumptions: [] }
      : followOriginal(plan, originals, next, context);
  const appAppleId = given.appAppleId === undefined ? undefined : (app.appAppleId ?? undefined);
  const seed = ties.seed === null ? null : `seed:${ties.seed}`;
  const scrubbed = isScrubbed
    ? scrubNotifications(notifications, { bundleId: given.bundleId, appAppleId, secret: seed ?? (await secret()) })
    : null;
  const identity = { ...given, appAppleId, productId: next === null ? app.productId : null };
  return {
    kind: 'like',
    originals,
    next,
    notifications: (scrubbed?.notifications ?? notifications).map((built) =>
      withTies(withIdentity(built, identity, app.environment), ties),
    ),
    scrubbed: scrubbed?.report ?? null,
    assumptions,
  };
}

/** The notification that follows the only original. */
function followOriginal(
  { app, ties, edits }: TriggerPlan,
  [first, ...others]: GivenLike['originals'],
  next: SelectedEvent,
  { random, nowMs }: LoadContext & { readonly nowMs: number },
): { readonly notifications: readonly BuiltNotification[]; readonly assumptions: readonly string[] } {
  if (others.length > 0) throw severalOriginals(1 + others.length, first);
  requireProduct(
    next,
    app,
    edits.set.map(({ path }) => path),
  );
  const { built, assumptions } = followNotification(first.built, next, {
    random: ties.seed === null ? random : seededRandom(`seed:${ties.seed}:${eventName(next)}`),
    productId: app.productId ?? undefined,
    latestMs: lastEventMs(nowMs),
  });
  return { notifications: [built], assumptions };
}

function severalOriginals(count: number, { source }: Original): ToolError {
  return likeError(
    `--next continues one notification, and ${source.replace(/[:#]\d+$/, '')} holds ${count}`,
    'Pass one of them, for example: tail -n 1 FILE | storewire trigger --like - --next TYPE',
  );
}

const PLAN_CHANGES: ReadonlySet<string> = new Set([
  'DID_CHANGE_RENEWAL_PREF.UPGRADE',
  'DID_CHANGE_RENEWAL_PREF.DOWNGRADE',
  'OFFER_REDEEMED.UPGRADE',
  'OFFER_REDEEMED.DOWNGRADE',
]);

/** A product that the original does not name cannot be made up. */
function requireProduct(next: SelectedEvent, { productId }: RequestedApp, paths: readonly string[]): void {
  const isGiven = productId !== null || paths.some((path) => /roductId$/.test(path));
  if (!PLAN_CHANGES.has(eventName(next)) || isGiven) return;
  throw new ToolError(
    'usage',
    'ERR_TRIGGER_PRODUCT',
    `${eventName(next)} needs the product that the customer changes to`,
    {
      hint: `Add it: --next ${eventName(next)} --product-id ID`,
    },
  );
}

/** Replaces the app of a notification where flags name another. */
function withIdentity(
  built: BuiltNotification,
  {
    environment,
    bundleId,
    appAppleId,
    productId,
  }: Omit<GivenIdentity, 'appAppleId'> & { appAppleId: number | undefined; productId: string | null },
  requested: AppEnvironment,
): BuiltNotification {
  const env = environment === undefined ? {} : { environment: requested };
  const id = bundleId === undefined ? {} : { bundleId };
  const apple = appAppleId === undefined ? {} : { appAppleId };
  const container = payloadContainer(built);
  const product = productId === null ? {} : { productId };
  const renewed = productId === null ? {} : { ...product, autoRenewProductId: productId };
  return {
    ...built,
    notification:
      container === null
        ? built.notification
        : { ...built.notification, [container.name]: { ...container.fields, ...env, ...id, ...apple } },
    ...(built.transaction && { transaction: { ...built.transaction, ...env, ...id, ...product } }),
    ...(built.renewalInfo && { renewalInfo: { ...built.renewalInfo, ...env, ...renewed } }),
    ...(built.appTransaction && {
      appTransaction: {
        ...built.appTransaction,
        ...id,
        ...apple,
        ...(environment === undefined ? {} : { receiptType: requested }),
      },
    }),
  };
}

/** Replaces the ids of a purchase where flags name others. */
function withTies(built: BuiltNotification, { originalTransactionId, appAccountToken }: Ties): BuiltNotification {
  const { transaction, renewalInfo } = built;
  if (originalTransactionId === null && appAccountToken === null) return built;
  if (transaction === undefined)
    throw likeError(
      'the notification has no purchase that the ids could belong to',
      'Omit --original-transaction-id and --app-account-token.',
    );
  const original = originalTransactionId === null ? {} : { originalTransactionId };
  const token = appAccountToken === null ? {} : { appAccountToken };
  const isFirst = transaction.transactionId === transaction.originalTransactionId;
  const own: JsonObject = isFirst && originalTransactionId !== null ? { transactionId: originalTransactionId } : {};
  return {
    ...built,
    transaction: { ...transaction, ...original, ...own, ...token },
    ...(renewalInfo && { renewalInfo: { ...renewalInfo, ...original, ...token } }),
  };
}

/** App of the notifications, as shown, and as the emulator compares it with its own. */
function appOfLike(requested: RequestedApp, { notifications }: LikeSelection): RequestedApp {
  const fields = notifications[0] === undefined ? null : payloadContainer(notifications[0])?.fields;
  const { bundleId, appAppleId, environment } = isJsonObject(fields) ? fields : {};
  return {
    ...requested,
    bundleId: typeof bundleId === 'string' ? bundleId : null,
    bundleIdSource:
      typeof bundleId === 'string' && bundleId !== requested.bundleId ? 'original' : requested.bundleIdSource,
    appAppleId: typeof appAppleId === 'number' ? appAppleId : null,
    environment: environment === 'Production' ? 'Production' : 'Sandbox',
  };
}

/** Secret that scrubbed values are derived from: made from the private key of the test authority, which never leaves the project. */
export function scrubSecret(privateKeyPem: string): string {
  return createHash('sha256').update(`scrub\n${privateKeyPem}`).digest('hex');
}

/** Time (ms) at which the last of the notifications is signed, if that is later than `nowMs`; null otherwise. */
export function futureMs({ notifications }: LikeSelection, nowMs: number): number | null {
  const latest = Math.max(...notifications.map(signedMsOf));
  return latest > nowMs + FUTURE_MS ? latest : null;
}

const FUTURE_MS = 60_000;
