"""Words from outside the picture-book world, so that the planner learns to copy what it has never seen.

Every sixth word of each list is held out: it appears only in conversations made with `unseen=True`.
"""

from pentimento.starter.words import KINDS

_EVERY = """
anchor ant apron armchair arrow avocado badge badger bagel bakery bamboo banana banjo barn barrel basket bat bathtub
beaver bed bee beetle bell belt bench bicycle biscuit bison blanket blender bonfire book bookshelf boot bottle bowl box
bread bridge broom bucket bulldozer bus butterfly button cabbage cactus cake calendar camel camera camper canary candle
canoe canyon cap capybara caravan cardigan carousel carpet carrot castle caterpillar cauldron cello chair chameleon
cheese cherry chess chicken chimney chipmunk church circle cloak clock cloud clown coat cobra coconut coffee coin comet
compass cookie coral corn cottonball couch cow cowboy coyote crab crane crayon cricket crocodile crow crown crystal cube
cucumber cup cupboard curtain cushion daisy deer desk dinosaur diver doll dolphin donkey donut door dragon dragonfly
dress drone drum eagle easel eel egg elephant elf engine envelope eraser fairy falcon fan feather fence fern ferret
fiddle firefly fireplace fish flag flamingo flute footprint fork fountain frog gate gazelle ghost giraffe glacier glass
globe glove goat goblin goldfish goose gorilla grandmother grape guitar hammer hammock hamster harbour harp hat hawk
hedgehog helicopter helmet hen heron hippo honeycomb horse hourglass hummingbird hydrant iceberg igloo iguana island
jacket jaguar jar jellyfish jug juggler kangaroo kayak kettle key kite kiwi knight koala ladder ladybug lamp lantern
leaf lemon leopard letter lighthouse lily lion lizard llama lobster lollipop lynx magnet mailbox mammoth mango map maple
mask meerkat melon mermaid meteor microscope mill mirror mitten mole monk monkey monster moon moose mop motorcycle moth
mountain mouse muffin narwhal necklace needle nest newspaper ninja noodle notebook oak oasis octopus olive onion
orchid ostrich otter oven owlbear paintbrush palace palm pancake panda panther parachute parrot passport peach peacock
peanut pear pelican pen pencil penguin piano pickle picnic pie pig pigeon pillow pineapple pirate pizza planet plate
platypus plum pony popcorn porcupine postcard potato pretzel prince princess puffin pumpkin puppet puzzle pyramid quail
queen quilt raccoon radio radish railway rainbow raven ribbon river robin robot rocket rose rug saddle sailor salamander
salmon sandwich satellite saxophone scarecrow scarf scooter seagull seahorse seal shark sheep shell ship shoe shovel
signpost skateboard skeleton skunk sled sloth snail snake snowman sock sofa spaceship sparrow spider spoon spruce squid
stable star starfish statue stool stork strawberry submarine suitcase sunflower surfboard swan sword table taxi teapot
teddy telescope tent thimble tiger toaster tomato tortoise tower tractor train trampoline treasure tricycle troll
trophy truck trumpet tugboat turkey turnip turtle typewriter umbrella unicorn vase viking violin volcano vulture waffle
wagon walnut walrus wardrobe watch waterfall watermelon weasel well whale wheel windmill witch wizard wolf wombat
woodpecker worm yak yacht zebra zeppelin
""".split()
NOUNS = [noun for noun in _EVERY if not any(noun in nouns for nouns in KINDS.values())]

COLORS = """
teal brown black grey gold silver turquoise violet magenta beige navy crimson lavender mint olive maroon cyan indigo
salmon peach ivory scarlet lilac bronze copper amber coral khaki mauve emerald ruby azure charcoal cream fuchsia
""".split()

ADJECTIVES = """
tiny big old young fluffy shiny sleepy happy sad angry wooden golden striped spotted rusty furry friendly scary cute
enormous little fat thin round wet dusty broken magical glowing transparent fancy plain lonely brave wild lazy curious
hungry smiling giant miniature ancient modern elegant grumpy clumsy silly sparkling
""".split()

DOING = """
eating chasing holding watching painting carrying riding juggling hugging pushing pulling guarding sniffing cooking
feeding painting kissing following hiding reading washing building stealing kicking throwing catching admiring
""".split()

ALONE = """
sleeping dancing running jumping swimming flying sitting smiling singing waving reading waiting skiing surfing walking
crying laughing floating climbing resting meditating sneezing yawning
""".split()

BETWEEN = "next to|beside|under|behind|in front of|near|on top of|with|and|inside|on|beneath|over".split("|")

PLACES = """
desert jungle meadow kitchen garden library museum castle cave swamp harbour village farm classroom spaceship bathroom
bedroom street park river lake volcano canyon playground stadium market station bakery temple tunnel rooftop field
glacier island lagoon valley courtyard workshop theatre zoo circus supermarket subway airport vineyard
""".split()

MOODS = """
brighter darker foggy rainy stormy cloudy sunny misty blurry sharper warmer colder spooky dreamy colourful cheerful
gloomy windy vintage realistic cartoonish minimalistic dramatic softer moody cosy hazy autumnal summery festive
""".split()

STYLES = """
a watercolour|an oil painting|a pencil sketch|a comic|a cartoon|a mosaic|pixel art|a woodcut|a children's drawing|
black and white|a photo|a poster|a stained glass window|a charcoal drawing|an etching|a pastel drawing
""".replace("\n", "").split("|")

ACTIONS = """
smile|look sleepy|look angry|dance|fly|jump|wave|older|fluffy|shiny|sit down|sleep|look up|
glow|laugh|wear a hat|turn around|striped|transparent|round
""".replace("\n", "").split("|")

SYLLABLES = """
ba be bi blo bra cha che cra da de dro fa fi flo fu ga gla go gri ha hi jo ka kle ko kri la le lo lu ma mi mo mu na ne
ni no pa pi plo pri qua ra re ri ro sa she sko sla ta ti tro tu va ve vi vo wa wi xa ya yo za zi zo zu
""".split()

ENDINGS = "n t k l r s m x b d g p sh ng rt nk ll".split() + [""] * 8

OFF_TOPIC = """
what is the capital of peru|what's the capital of {noun}|who wrote hamlet|how do i cook a {noun}|tell me a joke|
write a python script|write me a poem about a {noun}|what time is it|what's the weather like|how old are you|
what's 17 times 23|translate {noun} to french|who won the world cup|book me a flight|how tall is mount everest|
what does a {noun} eat|why is the sky blue|can you order a {noun}|play some music|what is the meaning of life|
send an email to my boss|do you like {noun}s|what do you think of politics|how do i fix my {noun}|sing me a song|
solve x + 3 = 7|what is a {noun}|who is the president|recommend a movie|set an alarm for 7|do my homework|
where can i buy a {noun}|is a {noun} bigger than a {noun}|what year is it|explain gravity to me|how far is the moon
""".replace("\n", "").split("|")

CANNOT = """
print it|make a video of it|animate it|send it to my mother|upload it|add music to it|make it 3d|put it on a mug|
share it with my friends|make a gif of it|save it as a pdf|make the background transparent|email it to my boss|
make a collage of all of them|use my webcam|scan my drawing|order a poster of it|put it on instagram|let it talk
""".replace("\n", "").split("|")
"""What the program can't do."""
