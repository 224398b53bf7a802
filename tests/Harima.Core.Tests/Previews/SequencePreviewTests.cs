using System.Buffers.Binary;
using Harima.Faults;
using Harima.Identity;
using Harima.Imaging.Formats;
using Harima.Imaging.Formats.Tiff;
using Harima.Imaging.Frames;
using Harima.Previews;

namespace Harima.Core.Tests.Previews;

public sealed class SequencePreviewOnSqlite(SqliteFacility facility)
    : SequencePreviewTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class SequencePreviewOnPostgres(PostgresFacility facility)
    : SequencePreviewTests(facility),
        IClassFixture<PostgresFacility>;

public abstract class SequencePreviewTests(TestFacility facility) : FacilityTests(facility)
{
    [Fact]
    public async Task A_frame_is_drawn_for_those_who_may_read_it_and_anew_when_it_changes()
    {
        var id = NewId();
        await Facility.PutAsync(id + "/readme.txt", [1, 2, 3]);
        Assert.Null(await PictureAsync(id));
        await Facility.PutAsync(id + "/a.tif", Tiff(7));
        var first = await PictureAsync(id);
        Assert.Equal([0x89, .. "PNG"u8], first!.Png[..4]);
        var refusal = await RefusedAsync(() =>
            Get<SequencePreview>().OfAsync(TestFacility.Stranger, TestFacility.Proposal, id, new PreviewOf(), Token)
        );
        Assert.Equal(FaultCode.NotFound, refusal.Code);
        await Facility.PutAsync(id + "/a.tif", Tiff(70));
        var second = await PictureAsync(id);
        Assert.NotEqual(first.Tag, second!.Tag);
        Assert.NotEqual(first.Png, second.Png);
    }

    [Fact]
    public async Task What_is_no_frame_in_spite_of_its_name_has_no_picture()
    {
        var id = NewId();
        await Facility.PutAsync(id + "/a.cbf", "###CBF: nothing follows"u8.ToArray());
        var preview = await OfAsync(TestFacility.Leader, id);
        Assert.Null(preview.Picture);
        Assert.StartsWith("'a.cbf': Not a sound CBF file", preview.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_is_drawn_as_a_line_and_a_frame_before_it()
    {
        var id = NewId();
        await Facility.PutAsync(id + "/scan.csv", "energy,mu\n7000,0.1\n7100,0.9\n7200,0.8\n"u8.ToArray());
        var line = await PictureAsync(id);
        Assert.NotNull(line);
        await Facility.PutAsync(id + "/a.tif", Tiff(7));
        var frame = await PictureAsync(id);
        Assert.NotEqual(line.Tag, frame!.Tag);
        Assert.Equal(line.Tag, (await OfAsync(TestFacility.Leader, id, new PreviewOf("scan.csv"))).Picture!.Tag);
    }

    [Fact]
    public async Task A_named_file_or_frame_that_is_not_there_is_told()
    {
        var id = NewId();
        await Facility.PutAsync(id + "/a.tif", Tiff(7));
        var refusal = await RefusedAsync(() => OfAsync(TestFacility.Leader, id, new PreviewOf("b.tif")));
        Assert.Equal(FaultCode.NotFound, refusal.Code);
        Assert.Contains(
            "no frame 3",
            (await OfAsync(TestFacility.Leader, id, new PreviewOf("a.tif", 3))).Reason,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_stack_says_how_many_frames_it_has_and_which_one_is_shown()
    {
        var id = NewId();
        await Facility.PutAsync(id + "/stack.tif", Stack(3, 7, 40, 70));
        var middle = (await PictureAsync(id))!;
        Assert.Equal(("stack.tif", 3, 1), (middle.File, middle.Frames, middle.Frame));
        var pictures = new List<byte[]>();
        for (var frame = 0; frame < 3; frame++)
        {
            var picture = (await OfAsync(TestFacility.Leader, id, new PreviewOf("stack.tif", frame))).Picture!;
            Assert.Equal((3, frame), (picture.Frames, picture.Frame));
            pictures.Add(picture.Png);
        }
        Assert.Equal(middle.Png, pictures[1]);
        Assert.NotEqual(pictures[0], pictures[1]);
        Assert.NotEqual(pictures[1], pictures[2]);
        Assert.Contains(
            "it has 3, from 0",
            (await OfAsync(TestFacility.Leader, id, new PreviewOf("stack.tif", 3))).Reason,
            StringComparison.Ordinal
        );
        await Facility.PutAsync(id + "/one.csv", "energy,mu\n7000,0.1\n7100,0.9\n7200,0.8\n"u8.ToArray());
        var line = (await OfAsync(TestFacility.Leader, id, new PreviewOf("one.csv"))).Picture!;
        Assert.Equal(("one.csv", 1, 0), (line.File, line.Frames, line.Frame));
    }

    [Theory]
    [InlineData("raw/d.h5", "S1/scan/raw/d.h5")]
    [InlineData("./d.h5", "S1/scan/d.h5")]
    [InlineData("../d.h5", "S1/d.h5")]
    [InlineData("../../S2/d.h5", null)]
    [InlineData("/data/d.h5", null)]
    [InlineData("..\\d.h5", null)]
    public void A_link_leads_to_a_file_of_the_same_sequence_or_nowhere(string link, string? key) =>
        Assert.Equal(key, SequencePreview.KeyOf("S1/", "S1/scan/master.h5", link));

    async Task<PreviewPicture?> PictureAsync(string id) => (await OfAsync(TestFacility.Leader, id)).Picture;

    Task<Preview> OfAsync(Principal principal, string id, PreviewOf? wanted = null) =>
        Get<SequencePreview>().OfAsync(principal, TestFacility.Proposal, id, wanted ?? new PreviewOf(), Token);

    static readonly DetectorHeader Header = new()
    {
        Detector = new FlatDetector(DetectorShape.Pilatus300K, 0.5, 200, 100, 100),
        ExposedAt = new DateTimeOffset(2026, 4, 12, 9, 30, 15, TimeSpan.Zero),
    };

    /// <summary>Files of one page each, chained: the directory of a page leads to the next.</summary>
    static byte[] Stack(int pages, params int[] spots)
    {
        using var stack = new MemoryStream();
        for (var page = 0; page < pages; page++)
        {
            var (one, at) = (Tiff(spots[page]), (int)stack.Length);
            var entries = BinaryPrimitives.ReadUInt16LittleEndian(one.AsSpan(8));
            for (var n = 0; n < entries; n++)
            {
                var entry = one.AsSpan(10 + (n * 12), 12);
                var (tag, type) = (
                    BinaryPrimitives.ReadUInt16LittleEndian(entry),
                    BinaryPrimitives.ReadUInt16LittleEndian(entry[2..])
                );
                // Texts, and where the pixels are, are places in the file.
                if (type == 2 || tag == 273)
                    BinaryPrimitives.WriteUInt32LittleEndian(
                        entry[8..],
                        BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]) + (uint)at
                    );
            }

            if (page < pages - 1)
                BinaryPrimitives.WriteUInt32LittleEndian(one.AsSpan(10 + (entries * 12)), (uint)(at + one.Length + 8));
            stack.Write(one);
        }

        return stack.ToArray();
    }

    static byte[] Tiff(int spot)
    {
        var counts = new int[40 * 40];
        for (var n = 0; n < spot; n++)
            counts[n * 20] = 1000;
        using var stream = new MemoryStream();
        TiffFile.Write(stream, new DetectorFrame(40, 40, counts), Header);
        return stream.ToArray();
    }
}
