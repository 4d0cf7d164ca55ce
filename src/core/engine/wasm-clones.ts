/**
 * tfjs clones tensors to keep them for the way back. Its other backends share the data, as tensors never change; its
 * WASM backend copies, and a copied kernel is new to XNNPACK, which then packs it again for every multiplication.
 */
import * as tf from "@tensorflow/tfjs-core";

/** Lets clones on the WASM backend share their data, as reshaped tensors there do already. Once is enough. */
export function shareClonesOnWasm(): void {
  const registered = tf.getKernel(tf.Identity, "wasm");
  if (!registered || registered.kernelFunc === identity) return;
  tf.unregisterKernel(tf.Identity, "wasm");
  tf.registerKernel({ kernelName: tf.Identity, backendName: "wasm", kernelFunc: identity });
}

const identity: tf.KernelFunc = ({ inputs, backend }) => {
  const x = inputs.x as tf.TensorInfo;
  (backend as tf.KernelBackend).incRef(x.dataId);
  return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
};
