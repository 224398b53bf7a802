using System.Buffers;
using System.Globalization;
using BenchmarkDotNet.Attributes;
using Harima.S3.Xml;

namespace Harima.Bench.S3;

/// <summary>Writing one page of 1,000 keys as XML.</summary>
[MemoryDiagnoser]
public class ListingPage
{
    readonly ArrayBufferWriter<byte> _output = new(1 << 20);
    readonly ListBucketResultV2 _page = new()
    {
        Name = "2026a1234",
        MaxKeys = 1000,
        Contents =
        [
            .. Enumerable
                .Range(0, 1000)
                .Select(i => new ObjectEntry(
                    string.Create(CultureInfo.InvariantCulture, $"S0042/raw/scan_{i:00000}.h5"),
                    new DateTimeOffset(2026, 5, 24, 0, 0, 0, TimeSpan.Zero),
                    "25f9e794323b453885f5181f1b624d0b",
                    123_456_789
                )),
        ],
    };

    [Benchmark]
    public int Write()
    {
        _output.ResetWrittenCount();
        _page.WriteTo(_output);
        return _output.WrittenCount;
    }
}
