using Harima.Imaging;
using Harima.Imaging.Formats.Photo;
using Harima.Imaging.Neighbours;

namespace Harima.Formats.Tests.Imaging.Formats;

public sealed class PhotoFileTests
{
    [Theory]
    [InlineData("jpg", "quality=95", 12)]
    [InlineData("jpg", "quality=95, progressive=True", 12)]
    [InlineData("png", "", 1)]
    public async Task A_picture_that_pillow_wrote_becomes_a_small_one_of_the_same_colours(
        string ending,
        string options,
        int tolerance
    )
    {
        using var file = new TemporaryFile("." + ending);
        var told = await PythonReaders.AskAsync(
            "PIL",
            file.Path,
            $"""
            from PIL import Image
            i = Image.new('RGB', (600, 400), (200, 30, 60))
            i.paste((10, 120, 240), (0, 0, 300, 400))
            i.save(sys.argv[1]{(options.Length > 0 ? ", " + options : "")})
            print('true')
            """
        );
        Assert.True(told.GetBoolean());
        using var small = new TemporaryFile(".png");
        using (var stream = File.OpenRead(file.Path))
            await File.WriteAllBytesAsync(
                small.Path,
                PhotoFile.SmallPng(stream, 320),
                TestContext.Current.CancellationToken
            );
        var seen = await PythonReaders.AskAsync(
            "PIL",
            small.Path,
            """
            from PIL import Image
            i = Image.open(sys.argv[1]); i.load()
            print(json.dumps([i.format, i.mode, i.size, i.getpixel((20, 100)), i.getpixel((280, 100))]))
            """
        );
        Assert.Equal(
            """["PNG", "RGB", [300, 200]]""".Replace(" ", ""),
            $"[\"{seen[0]}\",\"{seen[1]}\",{seen[2].GetRawText().Replace(" ", "")}]"
        );
        int[] colours = [10, 120, 240, 200, 30, 60];
        var got = seen[3].EnumerateArray().Concat(seen[4].EnumerateArray()).Select(value => value.GetInt32()).ToArray();
        for (var i = 0; i < colours.Length; i++)
            Assert.InRange(got[i], colours[i] - tolerance, colours[i] + tolerance);
    }

    [Fact]
    public async Task Broken_pictures_are_refused_whatever_is_broken()
    {
        using var file = new TemporaryFile(".jpg");
        await PythonReaders.AskAsync(
            "PIL",
            file.Path,
            "from PIL import Image\nImage.effect_noise((200, 150), 60).save(sys.argv[1]); print('0')"
        );
        var sound = await File.ReadAllBytesAsync(file.Path, TestContext.Current.CancellationToken);
        var random = new Random(3);
        for (var n = 0; n < 300; n++)
        {
            var bytes = (byte[])sound.Clone();
            for (var change = 0; change <= n % 20; change++)
                bytes[random.Next(n % 2 == 0 ? 700 : bytes.Length)] = (byte)random.Next(256);
            try
            {
                PhotoFile.SmallPng(new MemoryStream(bytes), 320);
            }
            catch (DamagedFileException)
            {
                // A sentence is what is wanted.
            }
        }

        Assert.Throws<DamagedFileException>(() => PhotoFile.SmallPng(new MemoryStream("<svg/>"u8.ToArray()), 320));
        Assert.Throws<DamagedFileException>(() => PhotoFile.SmallPng(new MemoryStream(), 320));
    }

    [Fact]
    public void A_picture_that_says_it_is_huge_is_not_unpacked()
    {
        // A PNG's head alone: 60000 x 60000 pixels, and nothing behind.
        byte[] head =
        [
            .. new byte[] { 0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13 },
            .. "IHDR"u8,
            .. new byte[] { 0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60, 8, 2, 0, 0, 0 },
        ];
        var crc = new byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(
            crc,
            System.IO.Hashing.Crc32.HashToUInt32(head.AsSpan(12))
        );
        var fault = Assert.Throws<DamagedFileException>(() =>
            PhotoFile.SmallPng(
                new MemoryStream([.. head, .. crc, 0, 0, 0, 0, .. "IDAT"u8, 0x35, 0xAF, 0x06, 0x1E]),
                320
            )
        );
        Assert.Contains("60000 x 60000", fault.Message, StringComparison.Ordinal);
    }
}
