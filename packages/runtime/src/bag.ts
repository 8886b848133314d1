/** An object that has no names but those put into it. The engine keeps it fast, as it does not what Object.create(null) makes. */
export const Bag = function Bag() {} as unknown as new () => object;
Bag.prototype = Object.freeze(Object.create(null));
