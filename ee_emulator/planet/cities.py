"""The 36 cities at their real places; the same centres as the platform's own table, which a test compares."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PlanetCity:
    """A city of the simulated planet.

    Attributes:
        id: Name in lower case.
        name_zh: Chinese name with its suffix.
        name_en: English name.
        region: East, Central, West or Northeast.
        tier: `1`, `new1`, `2` or `3`; sets size and wealth.
        lon: Longitude of the centre, degrees.
        lat: Latitude of the centre, degrees.
        km_per_degree: Kilometres in a degree of longitude here, rounded so that it is the same on every machine.
    """

    id: str
    name_zh: str
    name_en: str
    region: str
    tier: str
    lon: float
    lat: float
    km_per_degree: float


# fmt: off
CITIES: tuple[PlanetCity, ...] = (
    PlanetCity("beijing", "北京市", "Beijing", "East", "1", 116.405, 39.905, 85.3946),
    PlanetCity("shanghai", "上海市", "Shanghai", "East", "1", 121.470, 31.230, 95.1889),
    PlanetCity("tianjin", "天津市", "Tianjin", "East", "new1", 117.200, 39.120, 86.365),
    PlanetCity("chongqing", "重庆市", "Chongqing", "West", "new1", 106.545, 29.560, 96.8305),
    PlanetCity("shijiazhuang", "石家庄市", "Shijiazhuang", "East", "2", 114.505, 38.040, 87.6735),
    PlanetCity("taiyuan", "太原市", "Taiyuan", "Central", "2", 112.550, 37.865, 87.8826),
    PlanetCity("hohhot", "呼和浩特市", "Hohhot", "West", "3", 111.670, 40.815, 84.2496),
    PlanetCity("shenyang", "沈阳市", "Shenyang", "Northeast", "2", 123.430, 41.795, 82.9929),
    PlanetCity("changchun", "长春市", "Changchun", "Northeast", "2", 125.325, 43.885, 80.232),
    PlanetCity("harbin", "哈尔滨市", "Harbin", "Northeast", "2", 126.640, 45.755, 77.6711),
    PlanetCity("nanjing", "南京市", "Nanjing", "East", "new1", 118.785, 32.045, 94.3584),
    PlanetCity("hangzhou", "杭州市", "Hangzhou", "East", "new1", 120.165, 30.270, 96.1426),
    PlanetCity("hefei", "合肥市", "Hefei", "Central", "new1", 117.275, 31.860, 94.5486),
    PlanetCity("fuzhou", "福州市", "Fuzhou", "East", "2", 119.300, 26.080, 99.9855),
    PlanetCity("nanchang", "南昌市", "Nanchang", "Central", "2", 115.890, 28.680, 97.6626),
    PlanetCity("jinan", "济南市", "Jinan", "East", "2", 117.005, 36.665, 89.2943),
    PlanetCity("zhengzhou", "郑州市", "Zhengzhou", "Central", "new1", 113.660, 34.760, 91.4547),
    PlanetCity("wuhan", "武汉市", "Wuhan", "Central", "new1", 114.290, 30.585, 95.8326),
    PlanetCity("changsha", "长沙市", "Changsha", "Central", "new1", 112.985, 28.200, 98.1067),
    PlanetCity("guangzhou", "广州市", "Guangzhou", "East", "1", 113.270, 23.130, 102.3716),
    PlanetCity("nanning", "南宁市", "Nanning", "West", "2", 108.325, 22.820, 102.6067),
    PlanetCity("haikou", "海口市", "Haikou", "East", "3", 110.335, 20.020, 104.5933),
    PlanetCity("chengdu", "成都市", "Chengdu", "West", "new1", 104.065, 30.660, 95.7584),
    PlanetCity("guiyang", "贵阳市", "Guiyang", "West", "2", 106.715, 26.580, 99.5546),
    PlanetCity("kunming", "昆明市", "Kunming", "West", "2", 102.715, 25.045, 100.8532),
    PlanetCity("lhasa", "拉萨市", "Lhasa", "West", "3", 91.120, 29.655, 96.7393),
    PlanetCity("xian", "西安市", "Xi'an", "West", "new1", 108.945, 34.265, 91.9996),
    PlanetCity("lanzhou", "兰州市", "Lanzhou", "West", "2", 103.825, 36.060, 89.9912),
    PlanetCity("xining", "西宁市", "Xining", "West", "3", 101.775, 36.620, 89.3465),
    PlanetCity("yinchuan", "银川市", "Yinchuan", "West", "3", 106.250, 38.480, 87.1441),
    PlanetCity("urumqi", "乌鲁木齐市", "Ürümqi", "West", "3", 87.610, 43.800, 80.3463),
    PlanetCity("dalian", "大连市", "Dalian", "Northeast", "2", 121.620, 38.915, 86.6157),
    PlanetCity("qingdao", "青岛市", "Qingdao", "East", "new1", 120.380, 36.085, 89.9626),
    PlanetCity("ningbo", "宁波市", "Ningbo", "East", "new1", 121.550, 29.875, 96.5271),
    PlanetCity("xiamen", "厦门市", "Xiamen", "East", "2", 118.100, 24.480, 101.313),
    PlanetCity("shenzhen", "深圳市", "Shenzhen", "East", "1", 114.055, 22.545, 102.8128),
)
# fmt: on
