import { pick, type Random } from '../random.ts';
import { colours, foods, objects, people, places } from './vocabulary.ts';

/**
 * Sentences that hold no fact. Some name the same people, places and things as the facts do, so that a name alone never
 * tells where a fact stands; none of them says who carried, likes or lists anything, nor a code.
 */
const sentences = `
it rained .
rain fell .
snow fell .
{person} waited .
{person} sang .
the town slept .
the rain stopped .
it was late .
the sea shone .
the road was clear .
the light was soft .
the {place} was open .
{person} asked for {food} .
the wood was dry .
the fire burned low .
the moon was high .
the sky turned {colour} .
gulls sat on the wall .
snow fell all night .
the sea was quiet again .
{person} came home late .
the boats came back late .
a door was left open .
spring came late that year .
fog stood in the street .
the crowd left early .
cats slept under the stairs .
rain fell on the roof .
nothing moved on the river .
{person} walked past the {place} .
smoke rose over the {place} .
a dog slept near the {place} .
the sun shone on the {place} .
the wind was cold that morning .
the tide was low and slow .
{person} worked hard all winter .
{person} laughed and turned away .
{person} sang for the crowd .
{person} sells {food} near the {place} .
{person} kept the window open all night .
children danced by the {place} .
the {object} was old and {colour} .
the road was wet and empty .
the stars were bright over the hills .
it was dark when {person} came home .
there was music behind the {place} .
the old stairs broke in the storm .
{person} talked with {person} until late .
the day was long and warm .
a {colour} ship waited near the shore .
a {colour} cloud stood over the sea .
many birds turned over the {place} .
people came from the hills for the fishing .
the street was still wet at noon .
the waves were high along the shore .
{person} heard a sound behind the {place} .
{person} and {person} asked for {food} .
the {place} was dark and quiet .
{person} swept the stairs of the {place} .
one dog stood alone in the field .
{person} took the road across the hills .
a small {object} fell into the water .
there is a {colour} {object} in the {place} .
every night the {place} was full .
{person} told {person} about the sea .
three boats were out at sea and one came back before night .`
  .trim()
  .split('\n')
  .map((line) => line.split(' '));

const slots: Readonly<Record<string, readonly string[]>> = {
  '{person}': people,
  '{place}': places,
  '{object}': objects,
  '{food}': foods,
  '{colour}': colours,
};

const shortest = 3;

/** One filler sentence that leaves either no room at all or room for another: texts have exactly the length asked for. */
export function filler(random: Random, room: number): string[] {
  const fits = sentences.filter(({ length }) => length === room || length <= room - shortest);
  return pick(random, fits).map((word) => (slots[word] ? pick(random, slots[word]) : word));
}
