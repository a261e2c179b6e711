"""How a change is asked for in the plainest words: as an order, or told.

`{x}` is what a person calls the thing, `{x0}` its noun alone, `{c}` a color, `{y}` a new thing, `{s}` where it goes.
"""

RECOLOR = (
    "make {x} {c}|make {x} {c}|make {x} {c}|turn {x} {c}|paint {x} {c}|color {x} {c}|colour {x} {c}|recolor {x} to {c}|"
    "recolour {x} in {c}|change {x} to {c}|change the color of {x} to {c}|change {x}'s colour to {c}|dye {x} {c}|"
    "give {x} a {c} color|tint {x} {c}|let {x} be {c}|switch {x} to {c}|set the colour of {x} to {c}|render {x} {c}|"
    "use {c} for {x}|have {x} in {c}|paint {x} in {c}|turn the color of {x} into {c}|do {x} in {c}|make {x} look {c}"
)
RECOLOR_TOLD = (
    "make it {c}, {x}|make it {c}: {x}|change the color: {x} {c}|{x} should be {c}|i want {x} to be {c}|i'd like {x} to be {c}|{x} in {c} please|{x} in {c}|i want {x} {c}|"
    "i'd prefer {x} in {c}|what if {x} was {c}|could {x} be {c}|can {x} be {c}|how about {x} in {c}|{x} needs to be {c}|"
    "{x} would look better in {c}|i think {x} should be {c}|{c} for {x}|now {x} {c}|{x} must be {c}|{c} please, {x}|"
    "i was hoping {x} would be {c}|maybe {x} could be {c}|{x} -> {c}|{x} to {c}|it would be nice if {x} were {c}|"
    "why isn't {x} {c}|{x} has to be {c}|{x} is supposed to be {c}|{x}: {c}|couldn't {x} be {c}|wouldn't {x} be nicer in {c}"
)
TIRED_OF = (
    "{x} is too {d} in {o}, make it {c}|{x}'s too {d} in {o}, turn it {c}|{x} looks {d} in {o}, paint it {c}|"
    "{o} is too {d} for {x}, go for {c}|i'm tired of {o}, make {x} {c}|{x} shouldn't be {o} but {c}|not {o}: {x} in {c}|"
    "change {x} from {o} to {c}|turn {x} from {o} to {c}|{o} doesn't suit {x}, try {c}|enough {o}, i want {x} {c}|"
    "{x} is {o} now, i'd like {c}|less {o} and more {c} for {x}|swap the {o} of {x} for {c}|{c} instead of {o} for {x}"
)
DULL = "loud|bright|dark|dull|boring|gloomy|cold|warm|plain|garish|sad|odd|wrong"
REPLACE = (
    "replace {x} with {y}|replace {x} with {y}|replace {x} by {y}|swap {x} for {y}|swap {x} with {y}|turn {x} into {y}|"
    "change {x} to {y}|change {x} into {y}|make {x} {y}|exchange {x} for {y}|put {y} where {x} is|transform {x} into {y}|"
    "instead of {x} draw {y}|use {y} instead of {x}|substitute {y} for {x}|trade {x} for {y}|draw {y} instead of {x}|"
    "put {y} in place of {x}|switch {x} for {y}|swap out {x} for {y}|convert {x} to {y}|remove {x} and put {y} there"
)
REPLACE_TOLD = (
    "i want {y} instead of {x}|i'd like {y} instead of {x}|{y} instead of {x}|{x} should be {y}|{y} rather than {x}|"
    "i'd rather have {y} than {x}|instead of {x}, {y}|can {x} be {y}|what if {x} was {y}|not {x} but {y}|{x} -> {y}|"
    "could {x} become {y}|{x} should become {y}|{y} would be better than {x}|{y} in place of {x}|i meant {y}, not {x}|"
    "i'd rather see {y} than {x}|i'd like to see {y} rather than {x}|{x} is boring, i'd rather see {y}|{x} doesn't fit, try {y}|"
    "i'd prefer {y} to {x}|enough of {x}, now {y}|let's have {y} where {x} was|{x} could just as well be {y}"
)
ADD = (
    "add {y}{s}|add {y}{s}|add {y}{s}|put {y}{s}|place {y}{s}|insert {y}{s}|include {y}{s}|also add {y}{s}|add also {y}{s}|"
    "put in {y}{s}|throw in {y}{s}|add another thing: {y}{s}|give it {y} too{s}|bring in {y}{s}|add {y} to the picture{s}|"
    "add {y} as well{s}|drop {y}{s}|stick {y}{s}|set {y}{s}|put {y} in{s}|add {y} to it{s}|add in {y}{s}|place {y} there{s}"
)
ADD_TOLD = (
    "i want {y} too{s}|there should be {y}{s}|i'd like {y} as well{s}|also {y}{s}|and {y}{s}|plus {y}{s}|with {y}{s}|"
    "it needs {y}{s}|can there be {y}{s}|i'd like to have {y} in it{s}|how about {y}{s} too|could we have {y}{s} as well|"
    "{y} too{s}|now {y} too{s}|it's missing {y}{s}|{y} would be nice{s} too|what about adding {y}{s}|{y} as well{s}|"
    "we need {y}{s} too|i also want {y}{s}|there's no {y0} yet, add one{s}|maybe {y} as well{s}|let there be {y} too{s}"
)
REMOVE = (
    "remove {x}|remove {x}|delete {x}|erase {x}|get rid of {x}|take away {x}|take out {x}|drop {x}|take {x} away|"
    "take {x} out|lose {x}|make {x} disappear|make {x} vanish|cut out {x}|wipe out {x}|kick out {x}|clear {x}|"
    "remove {x} from the picture|rub out {x}|leave {x} out|eliminate {x}|throw {x} out|hide {x}|scrap {x}|paint over {x}"
)
REMOVE_TOLD = (
    "remove it: {x}|remove it, {x}|i don't want {x}|without {x}|no {x0}|no {x0} please|{x} has to go|{x} should go|i don't like {x}, remove it|"
    "can {x} disappear|the same without {x}|{x} should not be there|we don't need {x}|i'd like it without {x}|"
    "{x} away|{x} must go|{x} is too much|there should be no {x0}|could we do without {x}|dont need {x}|{x} can go|"
    "what if there was no {x0}|i want {x} gone|{x} bothers me, away with it|i wish {x} wasn't there"
)
LEFT = " on the left| on the left| to the left| on the left side| at the left| left| on the left hand side| left of {z}| to the left of {z}"
RIGHT = " on the right| on the right| to the right| on the right side| at the right| right| right of {z}| to the right of {z}"
BESIDE = " next to {z}| beside {z}| near {z}| by {z}| close to {z}| alongside {z}"
