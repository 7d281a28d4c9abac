import { type FakeAnswer, type FakeApi, type SeenRequest, startFakeApi } from './fake-api.js';

type Attributes = Readonly<Record<string, string | null>>;

/** What App Store Connect answers to one request: `pass` as it should; `lost` does what was asked and hangs up. */
export type Conduct = 'pass' | 'lost' | FakeAnswer;

export interface FakeConnect extends FakeApi {
  /** What it shows of the app. */
  attributes: Attributes;
  /** Conduct of the next requests with this method; `pass` once they are used up. */
  next(method: 'GET' | 'PATCH', ...conducts: readonly Conduct[]): void;
  /** Bodies of the changes it was asked for. */
  changes(): readonly Attributes[];
}

/** The apps resource with one app, `com.example.app` of id 42, which can be made to fail. */
export async function startFakeConnect(attributes: Attributes = {}): Promise<FakeConnect> {
  const queues: Record<string, Conduct[]> = { GET: [], PATCH: [] };
  const patches: Attributes[] = [];
  const shown = (): object => ({
    type: 'apps',
    id: '42',
    attributes: { name: 'Coffee', bundleId: 'com.example.app', ...fake.attributes },
  });
  const answer = ({ method, path, body }: SeenRequest): FakeAnswer => {
    const conduct = queues[method]?.shift() ?? 'pass';
    if (typeof conduct !== 'string') return conduct;
    if (method === 'PATCH') {
      const change = (JSON.parse(body) as { data: { attributes: Attributes } }).data.attributes;
      patches.push(change);
      fake.attributes = { ...fake.attributes, ...change };
    }
    if (conduct === 'lost') return { hangUp: true };
    return { body: { data: path.startsWith('/v1/apps?') ? [shown()] : shown() } };
  };
  const api = await startFakeApi(answer);
  const fake: FakeConnect = {
    ...api,
    attributes,
    next: (method, ...conducts) => void queues[method]?.push(...conducts),
    changes: () => patches,
  };
  return fake;
}

/** An error as App Store Connect writes it. */
export function refusal(status: number, code: string, detail = 'said Apple'): FakeAnswer {
  return { status, body: { errors: [{ id: '1', status: String(status), code, title: 'No', detail }] } };
}
