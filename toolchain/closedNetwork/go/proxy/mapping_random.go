package main

// @pulumi/random calls every resource RandomX where the bridge says X.
var randomNames = packageNames{
	name:     "random",
	provider: &rule{},
	find: table(
		randomRule("Bytes"), randomRule("Id"), randomRule("Integer"), randomRule("Password"),
		randomRule("Pet"), randomRule("Shuffle"), randomRule("String"), randomRule("Uuid"),
	),
}

func randomRule(name string) rule {
	return rule{
		official: "random:index/random" + name + ":Random" + name,
		bridge:   "random:index/" + lowerFirst(name) + ":" + name,
	}
}
