using CsCheck;

namespace Harima.Imaging.Formats.Cbf;

public sealed class ByteOffsetTests
{
    [Fact]
    public void Any_counts_come_back() =>
        Gen.Int.Array.Sample(counts =>
        {
            var back = new int[counts.Length];
            ByteOffset.Decompress(ByteOffset.Compress(counts), back);
            Assert.Equal(counts, back);
        });

    [Theory]
    [InlineData(127, 1)]
    [InlineData(-127, 1)]
    [InlineData(-128, 3)]
    [InlineData(128, 3)]
    [InlineData(32767, 3)]
    [InlineData(-32768, 7)]
    [InlineData(int.MaxValue, 7)]
    [InlineData(int.MinValue, 15)]
    public void A_difference_takes_the_bytes_the_definition_says(int count, int bytes) =>
        Assert.Equal(bytes, ByteOffset.Compress([count]).Length);

    [Fact]
    public void Data_that_end_early_are_refused()
    {
        var packed = ByteOffset.Compress([1, 2, 300_000]);
        var fault = Assert.Throws<DamagedFileException>(() =>
            ByteOffset.Decompress(packed.AsSpan(0, packed.Length - 1), new int[3])
        );
        Assert.Contains("at pixel 2", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_count_beyond_32_bits_is_refused() =>
        Assert.Throws<DamagedFileException>(() =>
            ByteOffset.Decompress([0x80, 0, 0x80, 0, 0, 0, 0x80, 0, 0, 0, 0, 1, 0, 0, 0], new int[1])
        );
}
