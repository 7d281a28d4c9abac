import { describe, expect, it } from 'vitest';
import type { Control, SentRequest } from '../../../src/audit/report.js';
import { type Evidence, judgeAudit } from '../../../src/audit/report.js';
import { NOTHING_FOUND } from '../../../src/audit/survey.js';

type Seen = readonly [httpStatus: number | null, tookEffect?: boolean];

interface Case {
  readonly invalid?: readonly Seen[];
  readonly valid?: readonly Seen[];
  readonly attempts?: readonly Seen[];
  readonly stopReason?: Evidence['stopReason'];
  readonly survey?: Partial<Evidence['survey']>;
}

const GUARD = { name: 'a login', kind: 'login', isCertain: true, fix: null } as const;

const SUSPECT = { suspect: { status: 401, intermediary: { ...GUARD, isCertain: false } } } as const;

const sent = (id: string, [httpStatus, tookEffect]: Seen): SentRequest => ({
  ...{ id, httpStatus, ms: 1, failure: httpStatus === null ? 'gone' : null, text: '', intermediary: null },
  ...{ notificationUUID: null, originalTransactionId: null, tookEffect: tookEffect ?? null },
});

const control = (kind: Control['kind'], seen: Seen): Control => ({
  ...sent(`control.${kind}`, seen),
  kind,
  title: kind,
});

const FACTS = { severity: 'high', title: 't', impact: 'g', fix: 'f', appleCheck: 'a', requires: 'nothing' } as const;

function judge({ invalid = [[400]], valid = [], attempts = [[400]], stopReason = null, survey = {} }: Case) {
  const {
    verdict,
    doubt,
    attempts: judged,
    trustsAuthority,
  } = judgeAudit({
    controls: [...invalid.map((seen) => control('invalid', seen)), ...valid.map((seen) => control('valid', seen))],
    attempts: attempts.map((seen) => ({ ...FACTS, ...sent('forged.x', seen) })),
    stopReason,
    survey: { ...NOTHING_FOUND, ...survey },
  });
  return { verdict: doubt ?? verdict, believed: judged.map((attempt) => attempt.believed), trustsAuthority };
}

describe('the verdict of an audit', () => {
  it.each<[string, Case, string, readonly (boolean | null)[]]>([
    [
      'the same refusal to an empty POST: the handler or a guard',
      { survey: SUSPECT, invalid: [[401]], attempts: [[401], [401]] },
      'same-refusal',
      [false, false],
    ],
    [
      'the same, but one forgery is answered in another way',
      { survey: SUSPECT, invalid: [[401]], attempts: [[401], [400]] },
      'safe',
      [false, false],
    ],
    [
      'the same, and nothing that speaks of a guard',
      { survey: { suspect: { status: 401, intermediary: null } }, invalid: [[401]], attempts: [[401]] },
      'safe',
      [false],
    ],
    ['the same, but a valid one is let in', { survey: SUSPECT, valid: [[200]], attempts: [[401]] }, 'safe', [false]],
    [
      'large garbage is refused with another status than small',
      { survey: { sizeLimit: { status: 403, smallStatus: 400 } }, attempts: [[403], [400]] },
      'guarded',
      [null, false],
    ],
    [
      'large garbage is refused with another status, forgeries as the small one',
      { survey: { sizeLimit: { status: 403, smallStatus: 400 } }, attempts: [[400], [400]] },
      'safe',
      [false, false],
    ],
    ['a body that is too large to be read', { attempts: [[413], [400]] }, 'not-read', [null, false]],
    ['a content type that is not read', { invalid: [[415]], attempts: [[415]] }, 'not-read', [null]],
    [
      'a website answers everything',
      { survey: { guard: GUARD }, invalid: [[200]], attempts: [[200]] },
      'guarded',
      [null],
    ],
    ['all refused', { attempts: [[400], [401]] }, 'safe', [false, false]],
    ['one answered 2xx', { attempts: [[400], [204]] }, 'unsafe', [false, true]],
    ['the same refusal to everyone', { survey: { guard: GUARD } }, 'guarded', [null]],
    [
      'a forgery let through it: the refusals are of the handler',
      { survey: { guard: GUARD }, invalid: [[401]], attempts: [[200], [401]] },
      'unsafe',
      [true, false],
    ],
    ['interrupted', { stopReason: 'interrupted' }, 'interrupted', [false]],
    ['interrupted, with a finding', { attempts: [[200]], stopReason: 'interrupted' }, 'unsafe', [true]],
    ['a valid one let through it', { survey: { guard: GUARD }, valid: [[200]] }, 'safe', [false]],
    ['a 500 is not accepted', { invalid: [[500]], attempts: [[500]] }, 'safe', [false]],
    [
      'garbage input answered 2xx',
      { invalid: [[400], [200]], attempts: [[200], [400]] },
      'answers-before-it-checks',
      [null, false],
    ],
    ['garbage input answered 2xx, all forgeries rejected', { invalid: [[200]] }, 'answers-before-it-checks', [false]],
    [
      'settled: took effect',
      {
        invalid: [[200, false]],
        attempts: [
          [200, true],
          [200, false],
        ],
      },
      'unsafe',
      [true, false],
    ],
    ['no effect of anything', { invalid: [[200, false]], attempts: [[200, false]] }, 'safe', [false]],
    ['rejected, but took effect', { invalid: [[400, false]], attempts: [[400, true]] }, 'unsafe', [true]],
    ['answered 2xx, without an effect', { invalid: [[400, false]], attempts: [[200, false]] }, 'unsafe', [true]],
    ['an effect of garbage input', { invalid: [[200, true]], attempts: [[200, true]] }, 'effect-of-rubbish', [null]],
    [
      'an effect never seen',
      { invalid: [[200, false]], valid: [[200, false]], attempts: [[200, false]] },
      'effect-never-seen',
      [false],
    ],
    ['a valid notification rejected', { valid: [[400], [400]] }, 'refuses-everything', [false]],
    ['a valid TEST accepted, a renewal not', { valid: [[404], [200]] }, 'safe', [false]],
    ['a valid notification rejected, a forgery accepted', { valid: [[400]], attempts: [[200]] }, 'unsafe', [true]],
    ['404 to everything', { invalid: [[404]], attempts: [[404]] }, 'nothing-there', [false]],
    ['503 to everything', { invalid: [[503]], attempts: [[503]] }, 'nothing-there', [false]],
    ['a redirect of everything', { invalid: [[308]], attempts: [[308]] }, 'nothing-there', [false]],
    [
      '404 to everything, including valid notifications',
      { invalid: [[404]], valid: [[404]], attempts: [[404]] },
      'nothing-there',
      [false],
    ],
    [
      '404 to forgeries, 200 to valid notifications',
      { invalid: [[404]], valid: [[200]], attempts: [[404]] },
      'safe',
      [false],
    ],
    ['no answer to one', { attempts: [[400], [null]] }, 'unanswered', [false, null]],
    ['turned away for their number', { attempts: [[400], [429]] }, 'unanswered', [false, null]],
    ['no response, and no effect', { invalid: [[400, false]], attempts: [[null, false]] }, 'safe', [false]],
    ['broken off, with a finding', { attempts: [[200]], stopReason: 'unanswered' }, 'unsafe', [true]],
    ['broken off', { stopReason: 'deadline' }, 'deadline', [false]],
  ])('%s', (_case, given, verdict, believed) => {
    expect(judge(given)).toMatchObject({ verdict, believed });
  });

  it.each<[readonly Seen[], boolean | null]>([
    [[], null],
    [[[400], [400]], false],
    [[[400], [200]], true],
  ])('detects trust in the authority: %j', (valid, trustsAuthority) => {
    expect(judge({ valid }).trustsAuthority).toBe(trustsAuthority);
  });
});
