// Who speaks when, asked of a running service: node diarize.mjs call.mp3
// Node 18 or newer, no packages.

import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const TRIES = 3;
const PAUSE_S = 5; // before the next try, where a busy service does not say

/** The service said no; `status` is that of HTTP. */
export class ServiceError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** The answer of `POST /diarize`; a busy service (429) is asked again when it says. */
export async function diarize(path, { url, token, timeoutS = 300 }) {
  await access(path);
  for (let tries = 1; ; tries++) {
    const answer = await post(path, { url, token, timeoutS });
    if (answer.ok) return answer.json();
    if (answer.status !== 429 || tries === TRIES) {
      throw new ServiceError(await reason(answer), answer.status);
    }
    await answer.body?.cancel();
    await sleep(1000 * (Number(answer.headers.get('Retry-After') ?? PAUSE_S) || PAUSE_S));
  }
}

function post(path, { url, token, timeoutS }) {
  const boundary = randomUUID();
  return fetch(`${url.replace(/\/+$/, '')}/diarize`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${token}`,
      'Content-Type': `multipart/form-data; boundary=${boundary}`,
    },
    body: form(path, boundary),
    duplex: 'half', // what fetch demands of a body that comes in parts
    signal: AbortSignal.timeout(timeoutS * 1000),
  });
}

/** The recording goes from disk to the network in parts, never whole into memory. */
async function* form(path, boundary) {
  const name = encodeURIComponent(basename(path));
  yield Buffer.from(
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n` +
      'Content-Type: application/octet-stream\r\n\r\n',
  );
  yield* createReadStream(path);
  yield Buffer.from(`\r\n--${boundary}--\r\n`);
}

/** The service's own sentence, or the status where something else answers. */
async function reason(answer) {
  const body = await answer.json().catch(() => null);
  return body?.error ?? `The service answered ${answer.status}.`;
}

async function main([path]) {
  if (!path) {
    process.stderr.write('usage: node diarize.mjs FILE\n');
    return 2;
  }
  const url = process.env.DIARIZATION_SERVICE_URL ?? 'http://localhost:5000';
  const token = process.env.DIARIZATION_SERVICE_TOKEN ?? '';
  try {
    const { speakers } = await diarize(path, { url, token });
    for (const { speaker, start, end } of speakers) {
      process.stdout.write(`${start.toFixed(2)} ${end.toFixed(2)} ${speaker}\n`);
    }
    return 0;
  } catch (error) {
    process.stderr.write(`${error.cause?.message ?? error.message}\n`);
    return 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exitCode = await main(process.argv.slice(2));
}
