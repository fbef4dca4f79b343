var answer = ee.List.sequence(1, 10)
    .add(11).cat([12, 13]).reverse().sort().slice(0, 10)
    .distinct().insert(0, 0).rotate(1).remove(3).replace(4, 40)
    .zip(ee.List.repeat(1, 10)).flatten()
    // from here on numbers
    .length().add(1).multiply(3).pow(2).sqrt().exp().log().abs()
    .ceil().floor().round().min(100).max(5).mod(7).divide(2).subtract(1).int()
    .format('%d') // and strings
    .cat(' items').toUpperCase().split(' ').join('-').length();
print(answer);
