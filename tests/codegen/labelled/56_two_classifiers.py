import ee

BANDS = ["B2", "B3", "B4", "B8"]


def split(table, share=0.8, *, seed=1):
    shuffled = table.randomColumn(seed=seed)
    return shuffled.filter(ee.Filter.lt("random", share)), shuffled.filter(ee.Filter.gte("random", share))


def fit(kind, table, **settings):
    makers = {"forest": ee.Classifier.smileRandomForest, "cart": ee.Classifier.smileCart}
    return makers[kind](**settings).train(features=table, classProperty="class", inputProperties=BANDS)


image = ee.ImageCollection("COPERNICUS/S2_SR_HARMONIZED").median().select(BANDS)
points = ee.FeatureCollection("users/someone/points")
table = image.sampleRegions(collection=points, properties=["class"], scale=10)
training, testing = split(table, seed=7)
accuracies = {}
for kind, settings in {"forest": {"numberOfTrees": 50}, "cart": {}}.items():
    model = fit(kind, training, **settings)
    accuracies[kind] = testing.classify(model).errorMatrix("class", "classification").accuracy()
best = accuracies["forest"].max(accuracies["cart"])
classified = image.classify(model)
