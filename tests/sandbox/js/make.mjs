// Makes a still and five clips with Vercel's AI SDK, unchanged but for its address, and prints one line of JSON.
//
// Environment: IMAGINE_BASE_URL, as in http://127.0.0.1:8077/v1. A key is not needed by the sandbox, but by the SDK.

import { createXai } from '@ai-sdk/xai';
import { experimental_generateVideo as generateVideo, generateImage } from 'ai';

globalThis.AI_SDK_LOG_WARNINGS = false;

const xai = createXai({ baseURL: process.env.IMAGINE_BASE_URL, apiKey: process.env.XAI_API_KEY ?? 'rehearsal' });
const poll = { intervalMs: 250, timeoutMs: 120_000 };

// The SDK's own download refuses addresses of this machine, and a sandbox has no other.
const download = async ({ url, abortSignal }) => {
  const answer = await fetch(url, { signal: abortSignal });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return { data: new Uint8Array(await answer.arrayBuffer()), mediaType: answer.headers.get('content-type') ?? undefined };
};

async function clip(name, model, options) {
  const made = await generateVideo({ model: xai.video(model), poll, download, ...options });
  const told = made.providerMetadata.xai;
  const bytes = made.video.uint8Array;
  return {
    name,
    bytes: bytes.length,
    isMp4: Buffer.from(bytes.slice(4, 8)).toString() === 'ftyp',
    seconds: told.duration,
    ticks: told.costInUsdTicks,
    url: told.videoUrl,
    warnings: made.warnings.map(warning => warning.details ?? warning.message ?? warning.type),
  };
}

const classic = 'grok-imagine-video';
const still = await generateImage({
  model: xai.image('grok-imagine-image'),
  prompt: 'The keeper of a lighthouse, a brass lantern in his hand',
  aspectRatio: '16:9',
});
const picture = still.image.uint8Array;

const text = await clip('text', classic, {
  prompt: 'A lighthouse in fog, slow dolly right',
  duration: 3,
  aspectRatio: '16:9',
  providerOptions: { xai: { resolution: '480p' } },
});
const image = await clip('image', classic, {
  prompt: { image: picture, text: 'The lantern begins to glow' },
  duration: 3,
});
const reference = await clip('reference', classic, {
  prompt: '<IMAGE_0> climbs the stairs',
  duration: 3,
  inputReferences: [picture],
});
const edit = await clip('edit', classic, {
  prompt: 'Add driving snow',
  providerOptions: { xai: { mode: 'edit-video', videoUrl: text.url } },
});
const extend = await clip('extend', classic, {
  prompt: 'The lamp goes out',
  duration: 2,
  providerOptions: { xai: { mode: 'extend-video', videoUrl: text.url } },
});

console.log(
  JSON.stringify({
    still: { bytes: picture.length, isJpeg: picture[0] === 0xff && picture[1] === 0xd8, mediaType: still.image.mediaType },
    clips: [text, image, reference, edit, extend],
  }),
);
