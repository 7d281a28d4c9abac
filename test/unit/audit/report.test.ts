import { describe, expect, it } from 'vitest';
import type { Control, Sent } from '../../../src/audit/report.js';
import { type Evidence, judgeAudit } from '../../../src/audit/report.js';

type Seen = readonly [httpStatus: number | null, tookEffect?: boolean];

interface Case {
  readonly rubbish?: readonly Seen[];
  readonly good?: readonly Seen[];
  readonly attempts?: readonly Seen[];
  readonly brokenOff?: Evidence['brokenOff'];
}

const sent = (id: string, [httpStatus, tookEffect]: Seen): Sent => ({
  ...{ id, httpStatus, ms: 1, failure: httpStatus === null ? 'gone' : null, text: '' },
  ...{ notificationUUID: null, originalTransactionId: null, tookEffect: tookEffect ?? null },
});

const control = (kind: Control['kind'], seen: Seen): Control => ({
  ...sent(`control.${kind}`, seen),
  kind,
  title: kind,
});

const FACTS = { severity: 'high', title: 't', gain: 'g', fix: 'f', appleCheck: 'a', rests: 'nothing' } as const;

function judge({ rubbish = [[400]], good = [], attempts = [[400]], brokenOff = null }: Case) {
  const {
    verdict,
    doubt,
    attempts: judged,
    trustsAuthority,
  } = judgeAudit({
    controls: [...rubbish.map((seen) => control('rubbish', seen)), ...good.map((seen) => control('good', seen))],
    attempts: attempts.map((seen) => ({ ...FACTS, ...sent('forged.x', seen) })),
    brokenOff,
  });
  return { verdict: doubt ?? verdict, believed: judged.map((attempt) => attempt.believed), trustsAuthority };
}

describe('the verdict of an audit', () => {
  it.each<[string, Case, string, readonly (boolean | null)[]]>([
    ['all refused', { attempts: [[400], [401]] }, 'safe', [false, false]],
    ['one answered 2xx', { attempts: [[400], [204]] }, 'unsafe', [false, true]],
    ['a crash is no belief', { rubbish: [[500]], attempts: [[500]] }, 'safe', [false]],
    [
      'rubbish answered 2xx',
      { rubbish: [[400], [200]], attempts: [[200], [400]] },
      'answers-before-it-checks',
      [null, false],
    ],
    ['rubbish answered 2xx, all forgeries refused', { rubbish: [[200]] }, 'answers-before-it-checks', [false]],
    [
      'settled: took effect',
      {
        rubbish: [[200, false]],
        attempts: [
          [200, true],
          [200, false],
        ],
      },
      'unsafe',
      [true, false],
    ],
    ['settled: took none', { rubbish: [[200, false]], attempts: [[200, false]] }, 'safe', [false]],
    ['refused and took effect all the same', { rubbish: [[400, false]], attempts: [[400, true]] }, 'unsafe', [true]],
    ['answered 2xx, without an effect seen', { rubbish: [[400, false]], attempts: [[200, false]] }, 'unsafe', [true]],
    ['the effect of rubbish', { rubbish: [[200, true]], attempts: [[200, true]] }, 'effect-of-rubbish', [null]],
    [
      'an effect never seen',
      { rubbish: [[200, false]], good: [[200, false]], attempts: [[200, false]] },
      'effect-never-seen',
      [false],
    ],
    ['a good one refused', { good: [[400], [400]] }, 'refuses-everything', [false]],
    ['a good TEST taken, a renewal not', { good: [[404], [200]] }, 'safe', [false]],
    ['a good one refused, a forgery taken', { good: [[400]], attempts: [[200]] }, 'unsafe', [true]],
    ['404 to everything', { rubbish: [[404]], attempts: [[404]] }, 'nothing-there', [false]],
    ['503 to everything', { rubbish: [[503]], attempts: [[503]] }, 'nothing-there', [false]],
    ['a redirect of everything', { rubbish: [[308]], attempts: [[308]] }, 'nothing-there', [false]],
    [
      '404 to everything, good ones too',
      { rubbish: [[404]], good: [[404]], attempts: [[404]] },
      'nothing-there',
      [false],
    ],
    [
      '404 for what is forged, 200 for what is good',
      { rubbish: [[404]], good: [[200]], attempts: [[404]] },
      'safe',
      [false],
    ],
    ['no answer to one', { attempts: [[400], [null]] }, 'unanswered', [false, null]],
    ['turned away for their number', { attempts: [[400], [429]] }, 'unanswered', [false, null]],
    ['no answer, and no effect', { rubbish: [[400, false]], attempts: [[null, false]] }, 'safe', [false]],
    ['broken off, with a finding', { attempts: [[200]], brokenOff: 'unanswered' }, 'unsafe', [true]],
    ['broken off', { brokenOff: 'deadline' }, 'deadline', [false]],
  ])('%s', (_case, given, verdict, believed) => {
    expect(judge(given)).toMatchObject({ verdict, believed });
  });

  it.each<[readonly Seen[], boolean | null]>([
    [[], null],
    [[[400], [400]], false],
    [[[400], [200]], true],
  ])('knows whether the authority is trusted there: %j', (good, trustsAuthority) => {
    expect(judge({ good }).trustsAuthority).toBe(trustsAuthority);
  });
});
