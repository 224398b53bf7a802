using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using Harima.Imaging.Frames;

namespace Harima.Formats.Tests.Imaging.Frames;

public sealed class FramePictureTests
{
    [Fact]
    public void A_spot_of_one_pixel_is_black_in_the_small_picture_and_gaps_are_grey()
    {
        var counts = new int[100 * 60];
        Array.Fill(counts, 3);
        counts[(41 * 100) + 77] = 5_000;
        for (var y = 0; y < 60; y++)
        for (var x = 10; x < 14; x++)
            counts[(y * 100) + x] = DetectorFrame.Gap;
        var (width, height, grey) = Decode(FramePicture.Png(new DetectorFrame(60, 100, counts), 50));
        Assert.Equal((50, 30), (width, height));
        Assert.Equal(0, grey[(41 / 2 * 50) + (77 / 2)]);
        Assert.Equal(200, grey[5]);
        Assert.Equal(255, grey[0]);
        Assert.Single(grey, value => value == 0);
    }

    /// <summary>A weak background is drawn dark where much is, as a strong one; a bright field the other way round.</summary>
    [Theory]
    [InlineData(4, 8, false)]
    [InlineData(4_000, 8_000, true)]
    public void Few_counts_are_scattering_and_many_everywhere_are_a_bright_field(int left, int right, bool isBright)
    {
        var counts = new int[100 * 60];
        for (var i = 0; i < counts.Length; i++)
            counts[i] = i % 100 < 50 ? left : right;
        var (_, _, grey) = Decode(FramePicture.Png(new DetectorFrame(60, 100, counts), 50));
        Assert.Equal(isBright ? ((byte)0, (byte)255) : ((byte)255, (byte)0), (grey[0], grey[^1]));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 3)]
    [InlineData(2, 1000)]
    public void Any_shape_becomes_a_picture(int height, int width)
    {
        var (w, h, grey) = Decode(FramePicture.Png(new DetectorFrame(height, width, new int[height * width]), 320));
        Assert.InRange(Math.Max(w, h), 1, 320);
        Assert.All(grey, value => Assert.Equal(255, value));
    }

    /// <summary>By the book: signature, chunks with their CRC-32, rows without filter.</summary>
    static (int Width, int Height, byte[] Grey) Decode(byte[] png)
    {
        Assert.Equal([0x89, .. "PNG\r\n"u8, 0x1A, 0x0A], png[..8]);
        var (width, height, packed) = (0, 0, new MemoryStream());
        for (var at = 8; at < png.Length; )
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            var type = Encoding.ASCII.GetString(png, at + 4, 4);
            var content = png.AsSpan(at + 8, length);
            Assert.Equal(
                Crc32.HashToUInt32(png.AsSpan(at + 4, length + 4)),
                BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(at + 8 + length))
            );
            if (type == "IHDR")
            {
                (width, height) = (
                    BinaryPrimitives.ReadInt32BigEndian(content),
                    BinaryPrimitives.ReadInt32BigEndian(content[4..])
                );
                Assert.Equal([8, 0, 0, 0, 0], content[8..].ToArray());
            }
            else if (type == "IDAT")
                packed.Write(content);
            at += length + 12;
        }
        packed.Position = 0;
        using var zlib = new ZLibStream(packed, CompressionMode.Decompress);
        var rows = new byte[height * (width + 1)];
        zlib.ReadExactly(rows);
        Assert.Equal(-1, zlib.ReadByte());
        return (
            width,
            height,
            [.. Enumerable.Range(0, height).SelectMany(y => rows.Skip((y * (width + 1)) + 1).Take(width))]
        );
    }
}
