/**
 * The closed vocabulary of the harbour town. Its order is the model's token order: append at the end of a class only
 * together with a newly trained model.
 */
const list = (words: string) => words.trim().split(/\s+/);

export const people = list(`
  anna boris clara david elena emil felix greta hugo ines ivan jonas karin lena marco mina nadia nina omar oskar otto paula pavel
  petra quinn rosa samir sofia stefan tara theo ulla vera victor wanda wen yara yusuf zara zoe`);

export const places = list(`
  archive attic bakery bank barn boathouse bridge cabin cellar chapel clinic court dairy farm forge garden gate greenhouse
  hall harbour inn kitchen library lighthouse loft market mill museum office orchard pantry pier quarry school shipyard
  square stable station studio tavern terrace theatre tower vault warehouse well workshop yard`);

export const objects = list(`
  anchor axe barrel basket bell blanket book box broom bucket candle chair clock coat compass crown cup drum flag flute hammer
  helmet kettle key knife ladder lamp lantern letter map mirror needle net oar pillow ring rope sail saw scarf shovel spade
  stool telescope trunk umbrella violin whistle`);

export const foods = list(`
  apples beans bread butter cake carrots cheese cherries coffee corn dates eggs figs garlic grapes ham honey jam lemons
  milk mint mushrooms nuts oats olives onions oranges peaches pears peas pepper plums potatoes rice salt sardines soup
  sugar tea walnuts`);

export const colours = list('black blue brown golden green grey red white');

export const numbers = Array.from({ length: 90 }, (_, i) => String(i + 10));

/** Words that carry the sentences: facts, questions, rules, turns, and the filler between them. */
const carriers = list(`
  . , ? : a about across after again against all alone along always am an and another any are around as asked at away back be
  before behind below beside best birds boat boats both bright broke brought burned by called came carried carts cats children
  clear cloud clouds code cold coming could crowd danced dark day days dog door down dry early empty evening every
  does fell few field fire fishing fog for from full gone grew gulls had hard he heard her high hill hills his home horses house i
  in into is it just keeper kept last laughed late leaves left light like likes list little long loves low many me moon
  morning moved music near never new night no noon noted nothing now of off old on once one open or out over past people
  quiet quietly rain rained river road roof rose round sang sat saw say says sea secret sells she ship ships shone shore sky slept slow
  slowly small smoke snow soft soon sound spoke spring stairs stars still stone stood stopped storm street strong
  summer sun swept talked tell thank that the their them then there they three tide to told took town
  turned two under until up visitor waited walked wall warm was water waves were wet what when where
  which while who wide wind window winter with without wood work worked year years you`);

export const specials = ['<pad>', '<bos>', '<unk>'] as const;

/** Stand-ins for words outside the vocabulary: a document binds each such word to the next free one. */
export const freeWords = Array.from({ length: 64 }, (_, i) => `<w${i}>`);

/** Classes whose members the world treats alike, so that training may permute them within a document. */
export const exchangeable = { people, places, objects, foods, numbers, freeWords };

/** Token id = index. */
export const vocabulary: readonly string[] = [
  ...new Set([
    ...specials,
    ...freeWords,
    ...numbers,
    ...people,
    ...places,
    ...objects,
    ...foods,
    ...colours,
    ...carriers,
  ]),
];
