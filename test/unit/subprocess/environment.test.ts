import { describe, expect, it } from 'vitest';
import { childEnvironment, tunnelEnvironment } from '../../../src/subprocess/environment.js';

const PEM = '-----BEGIN PRIVATE KEY-----\nMIG\n-----END PRIVATE KEY-----';

describe.each([
  ['PATH', '/usr/bin', true, true],
  ['HOME', '/home/me', true, true],
  ['LANG', 'C.UTF-8', true, true],
  ['SSH_AUTH_SOCK', '/tmp/agent', true, true],
  ['SSH_ASKPASS', '/usr/bin/ask', true, true],
  ['HTTPS_PROXY', 'http://proxy:3128', true, true],
  ['KEYBOARD', 'us', true, true],
  ['MONKEY_ISLAND', '2', true, true],
  ['TOKENIZERS_PARALLELISM', 'false', true, true],
  ['EMPTY', '', true, true],
  ['NGROK_AUTHTOKEN', 'abc', false, true],
  ['TUNNEL_TOKEN', 'abc', false, true],
  ['TS_AUTHKEY', 'abc', false, true],
  ['GITHUB_TOKEN', 'abc', false, true],
  ['AWS_ACCESS_KEY_ID', 'abc', false, true],
  ['AWS_SECRET_ACCESS_KEY', 'abc', false, true],
  ['STRIPE_API_KEY', 'abc', false, true],
  ['OPENAI_APIKEY', 'abc', false, true],
  ['PGPASSWORD', 'abc', false, true],
  ['GOOGLE_APPLICATION_CREDENTIALS', '/key.json', false, true],
  ['client_secret', 'abc', false, true],
  ['STOREWIRE_PROFILE', 'work', false, false],
  ['STOREWIRE_PRIVATE_KEY', 'abc', false, false],
  ['ASC_KEY_ID', 'abc', false, false],
  ['asc_issuer_id', 'abc', false, false],
  ['APP_STORE_CONNECT_API_KEY_KEY_FILEPATH', '/key.p8', false, false],
  ['SPACESHIP_CONNECT_API_IN_HOUSE', 'true', false, false],
  ['FASTLANE_SESSION', 'abc', false, false],
  ['API_PRIVATE_KEYS_DIR', '/keys', false, false],
  ['ANYTHING', PEM, false, false],
])('%s=%s', (name, value, toExec, toTunnel) => {
  it(`is ${toExec ? '' : 'not '}given to a program that handles notifications`, () => {
    expect(childEnvironment({ [name]: value })).toEqual(toExec ? { [name]: value } : {});
  });
  it(`is ${toTunnel ? '' : 'not '}given to a tunnel`, () => {
    expect(tunnelEnvironment({ [name]: value })).toEqual(toTunnel ? { [name]: value } : {});
  });
});

it('leaves out what is not set', () => expect(childEnvironment({ UNSET: undefined })).toEqual({}));
