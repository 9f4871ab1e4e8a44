package main

// The resources of @pulumi/docker that our programs use, compared property by property with the official schema.
var dockerNames = packageNames{
	name:     "docker",
	provider: &rule{},
	find: table(
		rule{
			official: "docker:index/container:Container",
			rename:   map[string]string{"command": "commands", "networksAdvanced": "networksAdvanceds"},
		},
		rule{official: "docker:index/network:Network"},
		rule{official: "docker:index/volume:Volume"},
		rule{official: "docker:index/remoteImage:RemoteImage", bridge: "docker:index/image:Image"},
		rule{official: "docker:index/serviceConfig:ServiceConfig", bridge: "docker:index/config:Config"},
	),
}
