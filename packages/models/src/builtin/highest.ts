/** The places of the highest numbers, best first; equal ones in order of place. For a few out of many. */
export function highest(numbers: Float32Array, count: number): number[] {
  const places: number[] = [];
  for (let place = 0; place < numbers.length; place += 1) {
    const number = numbers[place]!;
    if (places.length >= count && !(number > numbers[places[count - 1]!]!)) continue;
    let position = Math.min(places.length, count - 1);
    while (position > 0 && numbers[places[position - 1]!]! < number) {
      places[position] = places[position - 1]!;
      position -= 1;
    }
    places[position] = place;
  }
  return places;
}
