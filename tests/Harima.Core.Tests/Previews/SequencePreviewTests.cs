using Harima.Faults;
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
        Assert.Null(await Get<SequencePreview>().OfAsync(TestFacility.Leader, TestFacility.Proposal, id, Token));
        await Facility.PutAsync(id + "/a.tif", Tiff(7));
        var first = await Get<SequencePreview>().OfAsync(TestFacility.Leader, TestFacility.Proposal, id, Token);
        Assert.Equal([0x89, .. "PNG"u8], first!.Png[..4]);
        var refusal = await RefusedAsync(() =>
            Get<SequencePreview>().OfAsync(TestFacility.Stranger, TestFacility.Proposal, id, Token)
        );
        Assert.Equal(FaultCode.NotFound, refusal.Code);
        await Facility.PutAsync(id + "/a.tif", Tiff(70));
        var second = await Get<SequencePreview>().OfAsync(TestFacility.Leader, TestFacility.Proposal, id, Token);
        Assert.NotEqual(first.Tag, second!.Tag);
        Assert.NotEqual(first.Png, second.Png);
    }

    [Fact]
    public async Task What_is_no_frame_in_spite_of_its_name_has_no_picture()
    {
        var id = NewId();
        await Facility.PutAsync(id + "/a.cbf", "###CBF: nothing follows"u8.ToArray());
        Assert.Null(await Get<SequencePreview>().OfAsync(TestFacility.Leader, TestFacility.Proposal, id, Token));
    }

    static readonly DetectorHeader Header = new()
    {
        Detector = new FlatDetector(DetectorShape.Pilatus300K, 0.5, 200, 100, 100),
        ExposedAt = new DateTimeOffset(2026, 4, 12, 9, 30, 15, TimeSpan.Zero),
    };

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
