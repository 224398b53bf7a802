using Harima.Access;

namespace Harima.Gateway;

public sealed class CopyObjectOnSqlite(SqliteHarima harima) : CopyObjectTests(harima);

public sealed class CopyObjectOnPostgres(PostgresHarima harima) : CopyObjectTests(harima);

public abstract class CopyObjectTests(RunningHarima harima) : GatewayTests(harima)
{
    Task<Answer> CopyAsync(string user, string source, string target, params (string, string)[] headers) =>
        SendAsync(user, "PUT", target, headers: [("x-amz-copy-source", source), .. headers]);

    [Fact]
    public async Task A_source_one_may_not_read_does_not_exist()
    {
        var hidden = await NewFileAsync("hidden", bucket: PrivateBucket);
        var open = await NewFileAsync("open");
        var sequence = open.Split('/')[2];
        await Harima.ShareAsync(sequence, "stranger", Right.Write);

        (await CopyAsync("stranger", hidden, $"/{Bucket}/{sequence}/stolen")).IsRefused(404, "NoSuchBucket");
        (await CopyAsync("leader", hidden + "-not", $"/{Bucket}/{sequence}/copy")).IsRefused(404, "NoSuchKey");
        (await SendAsync("leader", "GET", $"/{Bucket}/{sequence}/stolen")).IsRefused(404, "NoSuchKey");
    }

    [Fact]
    public async Task A_target_one_may_not_write_is_refused()
    {
        var target = await NewFileAsync("text");
        await Harima.ShareAsync(target.Split('/')[2], "stranger", Right.Read);
        (await CopyAsync("stranger", target, target + "-copy")).IsRefused(403, "AccessDenied");
    }

    [Theory]
    [InlineData("no-key")]
    [InlineData("/")]
    [InlineData("/bucket/")]
    public async Task A_source_that_names_no_object_is_refused(string source) =>
        (await CopyAsync("leader", source, $"/{Bucket}/{NewSequence()}/copy")).IsRefused(400, "InvalidArgument");

    [Fact]
    public async Task A_copy_onto_itself_that_changes_nothing_is_refused()
    {
        var target = await NewFileAsync("text");
        (await CopyAsync("leader", target, target)).IsRefused(400, "InvalidRequest");
    }

    [Theory]
    [InlineData("x-amz-copy-source-if-match", "\"other\"")]
    [InlineData("x-amz-copy-source-if-none-match", "*")]
    [InlineData("x-amz-copy-source-if-unmodified-since", "Wed, 01 Jan 2020 00:00:00 GMT")]
    public async Task A_condition_on_the_source_is_obeyed(string header, string value) =>
        (
            await CopyAsync("leader", await NewFileAsync("text"), $"/{Bucket}/{NewSequence()}/copy", (header, value))
        ).IsRefused(412, "PreconditionFailed");

    [Fact]
    public async Task A_copy_has_bytes_etag_and_headers_of_its_source()
    {
        var source = $"/{Bucket}/{NewSequence()}/a%20%2B%E8%A9%A6.txt";
        (
            await SendAsync("leader", "PUT", source, "text", ("x-amz-meta-sample", "Ni"), ("content-type", "text/x"))
        ).IsOk();
        var target = $"/{PrivateBucket}/{NewSequence()}/copy.txt";

        var copied = (await CopyAsync("leader", source, target)).IsOk();
        var read = (await SendAsync("leader", "GET", target)).IsOk();

        Assert.Equal("text", read.Text);
        Assert.Equal($"\"{read.ETag}\"", copied.Xml.Element(Xmlns + "ETag")!.Value);
        Assert.Equal(("Ni", "text/x"), (read.Header("x-amz-meta-sample"), read.Header("content-type")));
    }

    [Fact]
    public async Task Replacing_changes_the_headers_and_keeps_the_bytes()
    {
        var target = await NewFileAsync("text");
        (
            await CopyAsync(
                "leader",
                target,
                target,
                ("x-amz-metadata-directive", "REPLACE"),
                ("x-amz-meta-mtime", "1.5")
            )
        ).IsOk();

        var read = await SendAsync("leader", "GET", target);

        Assert.Equal(("text", "1.5"), (read.Text, read.Header("x-amz-meta-mtime")));
    }
}
