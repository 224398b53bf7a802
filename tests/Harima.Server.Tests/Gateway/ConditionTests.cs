using System.Globalization;
using System.Net;

namespace Harima.Gateway;

public sealed class ConditionsOnSqlite(SqliteHarima harima) : ConditionTests(harima);

public sealed class ConditionsOnPostgres(PostgresHarima harima) : ConditionTests(harima);

/// <summary>Conditions on writes and removals.</summary>
public abstract class ConditionTests(RunningHarima harima) : GatewayTests(harima)
{
    const string Old = "Wed, 01 Jan 2020 00:00:00 GMT";

    Task<Answer> PutAsync(string target, string text, string header, string value) =>
        SendAsync("leader", "PUT", target, text, (header, value));

    Task<Answer> RemoveAsync(string target, string header, string value) =>
        SendAsync("leader", "DELETE", target, headers: (header, value));

    [Fact]
    public async Task A_put_obeys_its_conditions()
    {
        var target = await NewFileAsync("one");
        var etag = (await SendAsync("leader", "HEAD", target)).Header("ETag")!;

        (await PutAsync(target, "no", "If-None-Match", "*")).IsRefused(412, "PreconditionFailed");
        (await PutAsync(target, "no", "If-None-Match", etag)).IsRefused(412, "PreconditionFailed");
        (await PutAsync(target, "no", "If-Match", "\"other\"")).IsRefused(412, "PreconditionFailed");
        (await PutAsync(target + "-not", "no", "If-Match", "*")).IsRefused(404, "NoSuchKey");
        Assert.Equal("one", (await SendAsync("leader", "GET", target)).Text);

        (await PutAsync(target, "two", "If-Match", etag)).IsOk();
        (await PutAsync(target, "three", "If-Match", etag)).IsRefused(412, "PreconditionFailed");
        (await PutAsync(target, "three", "If-None-Match", "\"other\"")).IsOk();
        (await PutAsync(target + "-new", "four", "If-None-Match", "*")).IsOk();
    }

    [Fact]
    public async Task Of_many_writers_that_expect_nothing_there_one_wins()
    {
        var target = $"/{Bucket}/{NewSequence()}/a";
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 12).Select(n => PutAsync(target, $"{n}", "If-None-Match", "*"))
        );
        var winner = Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.All(answers.Except([winner]), answer => answer.IsRefused(412, "PreconditionFailed"));
        Assert.Equal(winner.ETag, (await SendAsync("leader", "HEAD", target)).ETag);
    }

    [Fact]
    public async Task A_copy_obeys_the_conditions_on_its_target()
    {
        var source = await NewFileAsync("text");
        Task<Answer> CopyAsync(string target, string header, string value) =>
            SendAsync("leader", "PUT", target, headers: [("x-amz-copy-source", source), (header, value)]);

        (await CopyAsync(source + "2", "If-None-Match", "*")).IsOk();
        (await CopyAsync(source + "2", "If-None-Match", "*")).IsRefused(412, "PreconditionFailed");
        (await CopyAsync(source + "3", "If-Match", "*")).IsRefused(404, "NoSuchKey");
    }

    [Fact]
    public async Task Completing_obeys_its_conditions_and_the_upload_stays()
    {
        var target = await NewFileAsync("there");
        var begun = (await SendAsync("leader", "POST", target + "?uploads")).IsOk();
        var upload = $"{target}?uploadId={begun.Xml.Element(Xmlns + "UploadId")!.Value}";
        var part = (await SendAsync("leader", "PUT", upload + "&partNumber=1", "part")).IsOk();
        var body =
            $"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{part.ETag}</ETag></Part></CompleteMultipartUpload>";

        (await SendAsync("leader", "POST", upload, body, ("If-None-Match", "*"))).IsRefused(412, "PreconditionFailed");
        Assert.Equal("there", (await SendAsync("leader", "GET", target)).Text);
        (await SendAsync("leader", "POST", upload, body, ("If-Match", "*"))).IsOk();
        Assert.Equal("part", (await SendAsync("leader", "GET", target)).Text);
    }

    [Theory]
    [InlineData("If-Match", "\"other\"")]
    [InlineData("x-amz-if-match-size", "3")]
    [InlineData("x-amz-if-match-last-modified-time", Old)]
    public async Task A_removal_whose_condition_does_not_hold_removes_nothing(string header, string value)
    {
        var target = await NewFileAsync("kept");
        (await RemoveAsync(target, header, value)).IsRefused(412, "PreconditionFailed");
        Assert.Equal("kept", (await SendAsync("leader", "GET", target)).Text);
        // As Ceph has it: what is not there needs no removing.
        (await RemoveAsync(target + "-not", header, value)).IsOk(HttpStatusCode.NoContent);
    }

    [Theory]
    [InlineData("x-amz-if-match-size", "many")]
    [InlineData("x-amz-if-match-last-modified-time", "yesterday")]
    public async Task A_condition_that_makes_no_sense_is_refused(string header, string value)
    {
        var target = await NewFileAsync("kept");
        (await RemoveAsync(target, header, value)).IsRefused(400, "InvalidArgument");
        Assert.Equal("kept", (await SendAsync("leader", "GET", target)).Text);
    }

    [Fact]
    public async Task A_removal_whose_conditions_hold_removes()
    {
        var target = await NewFileAsync("gone");
        var head = await SendAsync("leader", "HEAD", target);

        var answer = await SendAsync(
            "leader",
            "DELETE",
            target,
            headers:
            [
                ("If-Match", head.Header("ETag")!),
                ("x-amz-if-match-size", "4"),
                ("x-amz-if-match-last-modified-time", head.Header("Last-Modified")!),
            ]
        );

        answer.IsOk(HttpStatusCode.NoContent);
        (await SendAsync("leader", "GET", target)).IsRefused(404, "NoSuchKey");
    }

    [Fact]
    public async Task Each_of_many_removals_has_its_own_conditions()
    {
        var target = await NewFileAsync("text");
        var key = target[(Bucket.Length + 2)..];
        var modified = DateTimeOffset.Parse(
            (await SendAsync("leader", "HEAD", target)).Header("Last-Modified")!,
            CultureInfo.InvariantCulture
        );
        string Entry(string condition) => $"<Delete><Object><Key>{key}</Key>{condition}</Object></Delete>";
        async Task<string?> RefusalAsync(string condition) =>
            (await SendAsync("leader", "POST", $"/{Bucket}?delete", Entry(condition)))
                .IsOk()
                .Xml.Element(Xmlns + "Error")
                ?.Element(Xmlns + "Code")
                ?.Value;

        Assert.Equal("PreconditionFailed", await RefusalAsync("<ETag>other</ETag>"));
        Assert.Equal("PreconditionFailed", await RefusalAsync("<Size>3</Size>"));
        Assert.Equal("PreconditionFailed", await RefusalAsync($"<LastModifiedTime>{Old}</LastModifiedTime>"));
        Assert.Equal("InvalidArgument", await RefusalAsync("<Size>x</Size>"));
        Assert.Equal("text", (await SendAsync("leader", "GET", target)).Text);
        Assert.Null(
            await RefusalAsync(
                FormattableString.Invariant(
                    $"<Size>4</Size><LastModifiedTime>{modified:yyyy-MM-dd'T'HH:mm:ss'Z'}</LastModifiedTime>"
                )
            )
        );
        (await SendAsync("leader", "GET", target)).IsRefused(404, "NoSuchKey");
    }
}
