// Makes a still and all kinds of clips that Vercel's AI SDK can ask for, unchanged but for its address, and prints one line of JSON.
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
const newest = 'grok-imagine-video-1.5';
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

const silent = await clip('silent', classic, { prompt: 'Fog', duration: 2, generateAudio: false });
const framed = await clip('first and last frame', newest, {
  prompt: 'The lantern goes out',
  duration: 3,
  frameImages: [
    { image: picture, frameType: 'first_frame' },
    { image: picture, frameType: 'last_frame' },
  ],
});
const inline = `data:${still.image.mediaType};base64,${Buffer.from(picture).toString('base64')}`;
const keyed = await clip('keyframes', newest, {
  prompt: 'The keeper turns round',
  duration: 3,
  providerOptions: { xai: { keyframes: [{ imageUrl: inline, timestampSeconds: 1 }], user: 'rehearsal-7' } },
});
const spoken = await clip('voices', newest, {
  prompt: '<AUDIO_0> speaks to <IMAGE_0>',
  duration: 3,
  inputReferences: [picture],
  providerOptions: { xai: { referenceVoiceIds: ['eve'] } },
});

console.log(
  JSON.stringify({
    still: { bytes: picture.length, isJpeg: picture[0] === 0xff && picture[1] === 0xd8, mediaType: still.image.mediaType },
    clips: [text, image, reference, edit, extend, silent, framed, keyed, spoken],
  }),
);
