namespace Harima.Imaging.Simulation;

public sealed class Pcg32Tests
{
    /// <summary>The reference output of pcg32-demo (pcg-random.org, pcg_basic.c), seed 42, stream 54.</summary>
    [Fact]
    public void Gives_the_published_numbers_of_seed_42_stream_54()
    {
        var random = new Pcg32(42, 54);
        uint[] numbers = [.. Enumerable.Range(0, 6).Select(_ => random.NextUInt32())];
        Assert.Equal([0xa15c02b7, 0x7b47f409, 0xba1d3330, 0x83d2f293, 0xbfa4784b, 0xcbed606e], numbers);
    }

    [Fact]
    public void Uniform_numbers_have_the_mean_and_variance_of_a_uniform_distribution()
    {
        var random = new Pcg32(1);
        var numbers = Enumerable.Range(0, 200_000).Select(_ => random.NextDouble()).ToArray();
        Assert.All(numbers, number => Assert.InRange(number, 0, 1));
        Assert.InRange(numbers.Average(), 0.497, 0.503);
        Assert.InRange(numbers.Average(n => Math.Pow(n - 0.5, 2)), 1 / 12.0 - 0.001, 1 / 12.0 + 0.001);
    }

    [Fact]
    public void Gaussian_numbers_have_mean_0_and_deviation_1()
    {
        var random = new Pcg32(2);
        var numbers = Enumerable.Range(0, 200_000).Select(_ => random.NextGaussian()).ToArray();
        Assert.InRange(numbers.Average(), -0.01, 0.01);
        Assert.InRange(numbers.Average(n => n * n), 0.98, 1.02);
    }

    [Fact]
    public void Rotations_keep_lengths_and_right_handedness()
    {
        var random = new Pcg32(3);
        for (var i = 0; i < 100; i++)
        {
            var r = random.NextRotation();
            Assert.Equal(1, (r[0] * r[0]) + (r[1] * r[1]) + (r[2] * r[2]), 12);
            Assert.Equal(0, (r[0] * r[3]) + (r[1] * r[4]) + (r[2] * r[5]), 12);
            Assert.Equal(r[8], (r[0] * r[4]) - (r[1] * r[3]), 12);
        }
    }
}
