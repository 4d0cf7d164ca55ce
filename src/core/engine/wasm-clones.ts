/**
 * tfjs clones the tensors that it saves for the backward pass. Its other backends share the data, since
 * tensors never change. Its WASM backend copies, and XNNPACK takes a copied kernel for a new one and packs it
 * again in every multiplication.
 */
import * as tf from "@tensorflow/tfjs-core";

/**
 * Makes clones on the WASM backend share their data, as its reshaped tensors do. Calling it once is enough.
 */
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
