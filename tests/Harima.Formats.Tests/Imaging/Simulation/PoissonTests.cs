namespace Harima.Imaging.Simulation;

public sealed class PoissonTests
{
    [Theory]
    [InlineData(0.05)]
    [InlineData(3)]
    [InlineData(11.9)]
    [InlineData(12.1)]
    [InlineData(40)]
    [InlineData(1000)]
    [InlineData(2e7)]
    public void Mean_and_variance_both_equal_the_mean(double mean)
    {
        const int draws = 100_000;
        var random = new Pcg32(7);
        var counts = Enumerable.Range(0, draws).Select(_ => (double)Poisson.Draw(random, mean)).ToArray();
        var average = counts.Average();
        var variance = counts.Average(n => (n - average) * (n - average));
        // Five standard errors of each.
        Assert.InRange(average, mean - (5 * Math.Sqrt(mean / draws)), mean + (5 * Math.Sqrt(mean / draws)));
        var error = 5 * Math.Sqrt(((2 * mean * mean) + mean) / draws);
        Assert.InRange(variance, mean - error, mean + error);
    }

    [Theory]
    [InlineData(4.0)]
    [InlineData(15.0)]
    public void Each_count_comes_as_often_as_the_formula_says(double mean)
    {
        const int draws = 200_000;
        var random = new Pcg32(11);
        var seen = new int[80];
        for (var i = 0; i < draws; i++)
            seen[Poisson.Draw(random, mean)]++;
        var probability = Math.Exp(-mean);
        for (var k = 0; k < seen.Length; k++)
        {
            if (k > 0)
                probability *= mean / k;
            var expected = draws * probability;
            if (expected > 20)
                Assert.InRange(seen[k], expected - (5 * Math.Sqrt(expected)), expected + (5 * Math.Sqrt(expected)));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public void A_mean_that_is_not_positive_gives_no_counts(double mean) =>
        Assert.Equal(0, Poisson.Draw(new Pcg32(1), mean));
}
