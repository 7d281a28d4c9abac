import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ROOT } from './support/bin.js';
import { readWorkflow, readWorkflows } from './support/workflow.js';

describe.each(Object.keys(readWorkflows()))('%s', (file) => {
  const text = readWorkflows()[file] ?? '';
  const { permissions, jobs } = readWorkflow(file);
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  it('grants nothing to all jobs, and to each what it says', () => {
    expect(permissions).toEqual({});
    for (const job of Object.values(jobs)) expect(job.permissions).toBeTypeOf('object');
  });

  it('names every action by commit, with its version', () => {
    const used = text.match(/^ *-? *uses: .*$/gm) ?? [];
    expect(used.length).toBeGreaterThan(0);
    for (const line of used) expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('puts no expression into the text of a script', () => {
    for (const { run = '' } of steps) expect(run).not.toContain('${{');
  });

  it('needs no stored secret, and leaves none in the clone', () => {
    expect(text).not.toMatch(/secrets\.|NODE_AUTH_TOKEN|NPM_TOKEN/);
    for (const step of steps.filter(({ uses = '' }) => uses.startsWith('actions/checkout@')))
      expect(step.with?.['persist-credentials']).toBe(false);
  });
});

it('pins each action to one commit everywhere', () => {
  const lines = Object.values(readWorkflows()).flatMap((text) => text.match(/[\w-]+\/[\w-]+@[0-9a-f]{40}/g) ?? []);
  const commits = new Set(lines);
  expect(new Set([...commits].map((line) => line.split('@')[0])).size).toBe(commits.size);
});

describe('release.yml', () => {
  const { on, jobs } = readWorkflow('release.yml');
  const everywhere = readWorkflow('ci.yml').jobs.test?.strategy?.matrix;

  it('starts with the tag of a version and nothing else', () => {
    expect(on).toEqual({ push: { tags: ['v[0-9]+.[0-9]+.[0-9]+'] } });
  });

  it('publishes what was packed once and tried everywhere', () => {
    expect(Object.keys(jobs)).toEqual(['pack', 'try', 'publish', 'github-release']);
    expect(jobs.try?.needs).toBe('pack');
    expect(jobs.publish?.needs).toEqual(['pack', 'try']);
    expect(jobs['github-release']?.needs).toEqual(['pack', 'publish']);
    expect(jobs.try?.strategy?.matrix).toEqual(everywhere);
    expect(everywhere).toEqual({
      node: [20, 22, 24, 26],
      os: ['ubuntu-latest', 'macos-latest', 'windows-latest'],
    });
    const scripts = Object.entries(jobs).flatMap(([job, { steps }]) =>
      steps.map(({ run = '' }) => [job, run] as const),
    );
    expect(scripts.filter(([, run]) => run.includes('npm pack')).map(([job]) => job)).toEqual(['pack']);
    expect(scripts.filter(([, run]) => run.includes('npm publish')).map(([job]) => job)).toEqual(['publish']);
  });

  it('grants the identity to the job that publishes, and writing to the one that releases', () => {
    const granted = Object.entries(jobs).map(([name, job]) => [name, job.permissions]);
    expect(Object.fromEntries(granted)).toEqual({
      pack: { contents: 'read' },
      try: {},
      publish: { 'id-token': 'write' },
      'github-release': { contents: 'write' },
    });
    // Code of the repository or of packages never runs beside the identity.
    for (const job of ['publish', 'github-release']) {
      expect(jobs[job]?.steps.some(({ uses = '' }) => uses.startsWith('actions/checkout@'))).toBe(false);
    }
  });

  it('builds without a cache, which other runs may have filled', () => {
    const nodes = Object.values(jobs).flatMap(({ steps }) =>
      steps.filter(({ uses = '' }) => uses.includes('setup-node')),
    );
    expect(nodes.map((step) => step.with?.cache)).toEqual(nodes.map(() => undefined));
  });
});

it('dependabot.yml has the three kinds of dependencies, each grouped into one pull request', () => {
  const { version, updates } = parse(readFileSync(path.join(ROOT, '.github/dependabot.yml'), 'utf8'));
  expect(version).toBe(2);
  const kinds = updates.map((entry: Record<string, unknown>) => entry['package-ecosystem']);
  expect(kinds).toEqual(['npm', 'github-actions', 'docker']);
  for (const { groups } of updates) expect(Object.values(groups)).toEqual([{ patterns: ['*'] }]);
  const { devDependencies } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  for (const { 'dependency-name': name } of updates[0].ignore) expect(devDependencies).toHaveProperty([name]);
});
