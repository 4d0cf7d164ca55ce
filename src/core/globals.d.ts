/**
 * The globals of web standards that the library uses; browsers, workers and Node all have them. The list is
 * complete, so any other global of a DOM or of Node is a compiler error in this folder.
 */
declare global {
  interface AbortSignal {
    readonly aborted: boolean;
    // biome-ignore lint/suspicious/noExplicitAny: as in TypeScript's own libraries
    readonly reason: any;
    throwIfAborted(): void;
  }

  const performance: { now(): number };
  const crypto: { getRandomValues<T extends Uint8Array | Uint32Array>(array: T): T };
  function setTimeout(callback: (value?: undefined) => void): unknown;

  class TextDecoder {
    decode(bytes: Uint8Array): string;
  }

  class MessageChannel {
    readonly port1: MessagePort;
    readonly port2: MessagePort;
  }
  interface MessagePort {
    onmessage: (() => void) | null;
    postMessage(message: unknown): void;
    close(): void;
  }

  class CompressionStream extends ByteStream {}
  class DecompressionStream extends ByteStream {}
  class ByteStream {
    constructor(format: "deflate");
    readonly readable: ReadableStream<Uint8Array>;
    readonly writable: {
      getWriter(): {
        write(chunk: Uint8Array): Promise<void>;
        close(): Promise<void>;
        abort(reason?: unknown): Promise<void>;
      };
    };
  }
  interface ReadableStream<T> {
    getReader(): {
      read(): Promise<{ done: false; value: T } | { done: true; value?: undefined }>;
      cancel(): Promise<void>;
    };
  }

  namespace WebAssembly {
    interface Module {}
    interface Instance {}
    type Imports = object;
    type Exports = object;
    function instantiate(module: Module, imports?: Imports): Promise<Instance>;
  }
}

export {};
