using Harima.Access;
using Harima.Sequences;

namespace Harima.Gateway;

public sealed class EveryActionOnSqlite(SqliteHarima harima) : EveryActionTests(harima);

public sealed class EveryActionOnPostgres(PostgresHarima harima) : EveryActionTests(harima);

/// <summary>Every S3 action as every kind of user, compared with one table.</summary>
public abstract class EveryActionTests(RunningHarima harima) : GatewayTests(harima)
{
    /// <summary>Who asks, how the sequence is shared, and the right that must come of it.</summary>
    public static TheoryData<string, Right, bool, Right> Kinds =>
        new()
        {
            // user, shared with that user, shared with everyone, expected right
            { "admin", Right.None, false, Right.Write },
            { "staff", Right.None, false, Right.Write },
            { "leader", Right.None, false, Right.Write },
            { "member", Right.None, false, Right.Write },
            { "stranger", Right.None, false, Right.None },
            { "stranger", Right.Read, false, Right.Read },
            { "stranger", Right.Write, false, Right.Write },
            { "stranger", Right.None, true, Right.Read },
            { Anonymous, Right.None, false, Right.None },
            { Anonymous, Right.None, true, Right.Read },
        };

    // Who has not signed is told to, whether or not there is something to be found.
    static int Expected(S3Action action, string user, Right right) =>
        user == Anonymous && right == Right.None && action != S3Action.ListBuckets
            ? 403
            : ExpectedOfSigned(action, user, right);

    static int ExpectedOfSigned(S3Action action, string user, Right right) =>
        action switch
        {
            // Who manages the proposal gets as far as the empty configuration that is sent: one server serves all tests.
            S3Action.PutBucketVersioning => user is "admin" or "leader" ? 400
            : right >= Right.Read ? 403
            : 404,
            S3Action.ListBuckets => 200,
            S3Action.GetUsage => user == Anonymous ? 403 : 200,
            // Names like a proposal's are refused whether or not there is one.
            S3Action.CreateBucket => user == Anonymous ? 403 : 400,
            // A proposal's bucket has no settings but tags, and nobody deletes it over S3.
            S3Action.GetBucketCors
            or S3Action.GetBucketTagging
            or S3Action.GetPublicAccessBlock
            or S3Action.GetBucketOwnershipControls
            or S3Action.GetBucketPolicy => OfManagers(right, user, 404),
            S3Action.GetBucketAcl or S3Action.GetBucketPolicyStatus => OfManagers(right, user, 200),
            S3Action.PutBucketTagging or S3Action.DeleteBucketTagging => OfManagers(right, user, 204),
            S3Action.PutBucketCors
            or S3Action.DeleteBucketCors
            or S3Action.PutPublicAccessBlock
            or S3Action.DeletePublicAccessBlock
            or S3Action.PutBucketOwnershipControls
            or S3Action.DeleteBucketOwnershipControls
            or S3Action.PutBucketPolicy
            or S3Action.DeleteBucketPolicy
            or S3Action.PutBucketAcl
            or S3Action.DeleteBucket => OfManagers(right, user, 403),
            S3Action.HeadBucket
            or S3Action.GetBucketLocation
            or S3Action.GetBucketVersioning
            or S3Action.ListObjects
            or S3Action.ListObjectsV2
            or S3Action.ListObjectVersions
            or S3Action.ListMultipartUploads
            or S3Action.GetObject
            or S3Action.GetObjectAttributes
            or S3Action.GetObjectTagging
            or S3Action.GetObjectAcl
            or S3Action.HeadObject => right >= Right.Read ? 200 : 404,
            S3Action.PostObject
            or S3Action.DeleteObject
            or S3Action.DeleteObjectTagging
            or S3Action.AbortMultipartUpload => right >= Right.Write ? 204
            : right == Right.Read ? 403
            : 404,
            _ => right >= Right.Write ? 200
            : right == Right.Read ? 403
            : 404,
        };

    static int OfManagers(Right right, string user, int status) =>
        right == Right.None ? 404
        : user is "leader" or "admin" ? status
        : 403;

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Each_may_do_what_the_table_says_and_no_more(
        string user,
        Right shared,
        bool everyone,
        Right expected
    )
    {
        var bucket = expected == Right.None ? PrivateBucket : Bucket;
        var wrong = new List<string>();
        foreach (var action in Enum.GetValues<S3Action>())
        {
            var thing = await PrepareAsync(bucket, user, shared, everyone);
            var answer = await AskAsync(action, user, thing);
            var status = (int)answer.Status;
            // DeleteObjects answers for each key.
            if (
                action == S3Action.DeleteObjects
                && answer.Text.Contains("<Code>AccessDenied<", StringComparison.Ordinal)
            )
                status = 403;
            if (status != Expected(action, user, expected))
                wrong.Add($"{action}: {status} instead of {Expected(action, user, expected)} {answer.Text}");
            if (expected < Right.Write && (await SendAsync("leader", "GET", thing.Target)).Text != "kept")
                wrong.Add($"{action} changed what the caller may not write");
            if (
                expected == Right.None
                && action is not (S3Action.ListBuckets or S3Action.CreateBucket or S3Action.GetUsage)
            )
                await CompareWithNothingAsync(action, user, answer, wrong);
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    // What one may not read must look exactly like what does not exist.
    async Task CompareWithNothingAsync(S3Action action, string user, Answer answer, List<string> wrong)
    {
        var nothing = await AskAsync(action, user, new Thing("no-such-bucket", "none", "a", "none"));
        if (Plain(nothing) != Plain(answer))
            wrong.Add($"{action} tells apart what is hidden and what does not exist: {answer.Text} {nothing.Text}");
    }

    // Status, names of headers, and the body without what differs from request to request and what the caller named.
    static string Plain(Answer answer)
    {
        var text = $"{(int)answer.Status} {string.Join(' ', answer.Headers.Keys.Order(StringComparer.Ordinal))} ";
        if (answer.Body.Length == 0)
            return text;
        var document = answer.Xml;
        foreach (var name in new[] { "Resource", "RequestId", "BucketName", "Key" })
            document.Element(name)?.SetValue("");
        return text + document;
    }

    async Task<Thing> PrepareAsync(string bucket, string user, Right shared, bool everyone)
    {
        var sequence = NewSequence();
        await PutAsync($"{sequence}/a", "kept", bucket);
        var begun = (await SendAsync("leader", "POST", $"/{bucket}/{sequence}/a?uploads")).IsOk();
        var uploadId = begun.Xml.Element(Xmlns + "UploadId")!.Value;
        (await SendAsync("leader", "PUT", $"/{bucket}/{sequence}/a?partNumber=1&uploadId={uploadId}", "part")).IsOk();
        if (shared > Right.None)
            await Harima.ShareAsync(sequence, user, shared);
        if (everyone)
        {
            await Harima
                .Get<ShareSequence>()
                .SetVisibilityAsync(
                    RunningHarima.Proposal,
                    sequence,
                    Visibility.Everyone,
                    RunningHarima.PrincipalOf("leader"),
                    Token
                );
        }
        return new Thing(bucket, sequence, "a", uploadId);
    }

    // The ETag of the four bytes "part".
    const string Complete =
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>f4c9385f1902f7334b00b9b4ecd164de</ETag></Part>"
        + "</CompleteMultipartUpload>";

    Task<Answer> AskAsync(S3Action action, string user, Thing thing)
    {
        var bucket = "/" + thing.Bucket;
        var upload = $"{thing.Target}?uploadId={thing.UploadId}";
        (string, string)[] copy = [("x-amz-copy-source", thing.Target)];
        var delete = $"<Delete><Object><Key>{thing.Sequence}/{thing.Name}</Key></Object></Delete>";
        return action switch
        {
            S3Action.ListBuckets => SendAsync(user, "GET", "/"),
            S3Action.GetUsage => SendAsync(user, "GET", "/?usage"),
            S3Action.HeadBucket => SendAsync(user, "HEAD", bucket),
            S3Action.GetBucketLocation => SendAsync(user, "GET", bucket + "?location"),
            S3Action.GetBucketVersioning => SendAsync(user, "GET", bucket + "?versioning"),
            S3Action.PutBucketVersioning => SendAsync(
                user,
                "PUT",
                bucket + "?versioning",
                "<VersioningConfiguration/>"
            ),
            S3Action.ListObjects => SendAsync(user, "GET", bucket),
            S3Action.ListObjectsV2 => SendAsync(user, "GET", bucket + "?list-type=2"),
            S3Action.ListObjectVersions => SendAsync(user, "GET", bucket + "?versions"),
            S3Action.ListMultipartUploads => SendAsync(user, "GET", bucket + "?uploads"),
            S3Action.DeleteObjects => SendAsync(user, "POST", bucket + "?delete", delete),
            S3Action.GetObject => SendAsync(user, "GET", thing.Target),
            S3Action.GetObjectAttributes => SendAsync(
                user,
                "GET",
                thing.Target + "?attributes",
                headers: ("x-amz-object-attributes", "ETag")
            ),
            S3Action.PutObjectTagging => SendAsync(
                user,
                "PUT",
                thing.Target + "?tagging",
                "<Tagging><TagSet/></Tagging>"
            ),
            S3Action.DeleteObjectTagging => SendAsync(user, "DELETE", thing.Target + "?tagging"),
            S3Action.GetObjectTagging => SendAsync(user, "GET", thing.Target + "?tagging"),
            S3Action.HeadObject => SendAsync(user, "HEAD", thing.Target),
            S3Action.PutObject => SendAsync(user, "PUT", thing.Target, "changed"),
            S3Action.PostObject => SendAsync(Anonymous, "POST", bucket, FormOf(user, thing)),
            S3Action.CopyObject => SendAsync(user, "PUT", thing.Target + "-copy", headers: copy),
            S3Action.DeleteObject => SendAsync(user, "DELETE", thing.Target),
            S3Action.CreateMultipartUpload => SendAsync(user, "POST", thing.Target + "?uploads"),
            S3Action.UploadPart => SendAsync(user, "PUT", upload + "&partNumber=2", "part"),
            S3Action.UploadPartCopy => SendAsync(user, "PUT", upload + "&partNumber=2", headers: copy),
            S3Action.CompleteMultipartUpload => SendAsync(user, "POST", upload, Complete),
            S3Action.AbortMultipartUpload => SendAsync(user, "DELETE", upload),
            S3Action.ListParts => SendAsync(user, "GET", upload),
            S3Action.CreateBucket => SendAsync(user, "PUT", bucket),
            S3Action.DeleteBucket => SendAsync(user, "DELETE", bucket),
            S3Action.GetBucketAcl => SendAsync(user, "GET", bucket + "?acl"),
            S3Action.PutBucketAcl => SendAsync(user, "PUT", bucket + "?acl", headers: [("x-amz-acl", "private")]),
            S3Action.GetBucketCors => SendAsync(user, "GET", bucket + "?cors"),
            S3Action.PutBucketCors => SendAsync(user, "PUT", bucket + "?cors", BucketConfigurationTests.AnyOrigin),
            S3Action.DeleteBucketCors => SendAsync(user, "DELETE", bucket + "?cors"),
            S3Action.GetBucketTagging => SendAsync(user, "GET", bucket + "?tagging"),
            S3Action.PutBucketTagging => SendAsync(user, "PUT", bucket + "?tagging", BucketConfigurationTests.OneTag),
            S3Action.DeleteBucketTagging => SendAsync(user, "DELETE", bucket + "?tagging"),
            S3Action.GetBucketOwnershipControls => SendAsync(user, "GET", bucket + "?ownershipControls"),
            S3Action.PutBucketOwnershipControls => SendAsync(
                user,
                "PUT",
                bucket + "?ownershipControls",
                BucketConfigurationTests.OwnerEnforced
            ),
            S3Action.DeleteBucketOwnershipControls => SendAsync(user, "DELETE", bucket + "?ownershipControls"),
            S3Action.GetPublicAccessBlock => SendAsync(user, "GET", bucket + "?publicAccessBlock"),
            S3Action.PutPublicAccessBlock => SendAsync(
                user,
                "PUT",
                bucket + "?publicAccessBlock",
                BucketConfigurationTests.Block("BlockPublicAcls")
            ),
            S3Action.DeletePublicAccessBlock => SendAsync(user, "DELETE", bucket + "?publicAccessBlock"),
            S3Action.GetBucketPolicy => SendAsync(user, "GET", bucket + "?policy"),
            S3Action.PutBucketPolicy => SendAsync(
                user,
                "PUT",
                bucket + "?policy",
                BucketPolicyTests.Deny(thing.Bucket, "s3:GetObject")
            ),
            S3Action.DeleteBucketPolicy => SendAsync(user, "DELETE", bucket + "?policy"),
            S3Action.GetBucketPolicyStatus => SendAsync(user, "GET", bucket + "?policyStatus"),
            S3Action.GetObjectAcl => SendAsync(user, "GET", thing.Target + "?acl"),
            S3Action.PutObjectAcl => SendAsync(user, "PUT", thing.Target + "?acl", headers: [("x-amz-acl", "private")]),
            _ => throw new ArgumentOutOfRangeException(nameof(action), action, "Say here how to ask for it."),
        };
    }

    ByteArrayContent FormOf(string user, Thing thing)
    {
        var key = $"{thing.Sequence}/{thing.Name}";
        var policy = UploadForm.Policy(UploadForm.Eq("bucket", thing.Bucket), UploadForm.Eq("key", key));
        (string, string)[] signed = user == Anonymous ? [] : UploadForm.SignV4(Harima.KeyOf(user), policy);
        return UploadForm.Content([("key", key), .. signed], "changed"u8.ToArray());
    }

    sealed record Thing(string Bucket, string Sequence, string Name, string UploadId)
    {
        public string Target => $"/{Bucket}/{Sequence}/{Name}";
    }
}
