/** Models that came from another thread. Loaded only by workers that host an engine: this brings tfjs in. */
import { openModel } from '../network/model.js';
import { buildModel } from '../network/parcel.js';
import { startTfjs, type tf } from '../network/tfjs.js';
import type { Runtime } from '../runtime.js';
import type { PortableModel } from './messages.js';

export { listParameters } from '../network/parameters.js';

export async function loadPortable(model: PortableModel, runtime: Runtime): Promise<tf.LayersModel> {
  await startTfjs(runtime);
  if ('artifacts' in model) return buildModel(model.artifacts);
  if ('files' in model) return (await openModel(model.files, runtime)).live;
  const { location, isUrl } = model;
  return (await openModel(isUrl ? new URL(location) : location, runtime)).live;
}
