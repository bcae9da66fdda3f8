// Arrays as an answer packs them: base64 of bytes, or of numbers in single precision.

/** The bytes of an answer. */
export const unpackBytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));

/** The numbers of an answer. */
export const unpack = (text) => new Float32Array(unpackBytes(text).buffer);

/** An array of an answer, {shape, values}; null where there is none. */
export const unpackArray = (packed) => (packed ? { shape: packed.shape, values: unpack(packed.values) } : null);
