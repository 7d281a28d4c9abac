/** Text in the shape of Apple's tokens, of any size; nothing in it is signed. */
export function fakeToken(id: string, payloadBytes = 900): string {
  const header = encode({ alg: 'ES256', x5c: ['MIIEMDCC'.repeat(12), 'MIIDFjCC'.repeat(9), 'MIICQzCC'.repeat(7)] });
  const payload = encode({ notificationType: 'TEST', id, filler: 'Ab0_'.repeat(Math.ceil(payloadBytes / 4)) });
  const signature = `${encode(id).replace(/[^\w-]/g, '')}${'Zx9-'.repeat(30)}`.slice(0, 86);
  return `${header}.${payload}.${signature}`;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Text in lines of this width. */
export function wrap(text: string, width: number, lineEnd = '\n'): string {
  return (text.match(new RegExp(`.{1,${width}}`, 'g')) ?? []).join(lineEnd);
}
