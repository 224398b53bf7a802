using Harima.BucketConfiguration;
using Harima.Identity;
using Harima.S3.Checksums;
using Harima.S3.Errors;
using Harima.S3.Forms;
using Harima.S3.Signing;
using Harima.S3.Xml;
using Harima.Sequences;
using Harima.Storage;

namespace Harima.Gateway.Operations;

/// <summary>The upload form of a browser. Who asks stands in the form: a policy, signed beforehand by somebody with a key.</summary>
sealed class PostObject(AddFile addFile, ShareBucket share, Authenticator authenticator, TimeProvider time)
    : IS3Operation
{
    public S3Action Action => S3Action.PostObject;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var form = await PostForm.ReadAsync(request.Http.Request, cancellationToken);
        if (form.Find("key") is not { Length: > 0 } key)
        {
            throw S3Errors.InvalidArgument.With(
                "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields."
            );
        }
        var (principal, policy) = await AuthenticateAsync(request, form, cancellationToken);
        request.Exchange.Principal = principal;
        request.Exchange.Route = request.Route with { Key = key };
        var tags = await ObjectTags.ReadAsync(form.Find("tagging"), cancellationToken);
        principal = principal with { Request = PolicyFacts.OfForm(request.Principal.Request!, form, tags) };
        string? Field(string name) => Header(form, name);
        var headers = ObjectHeaders.Read(Field, MetadataOf(form));
        await CannedAcl.RequireForObjectAsync(Field, request.Bucket, key, principal, share, cancellationToken);
        await using var body = form.OpenFile(policy?.MinFileBytes ?? 0, policy?.MaxFileBytes ?? long.MaxValue);
        var file = await addFile.HandleAsync(
            new AddFileRequest(
                request.Bucket,
                key,
                headers.ContentType,
                headers.Others,
                Expectation(form),
                Tags: tags,
                ForBucketOwner: CannedAcl.IsForBucketOwner(Field)
            ),
            body,
            principal,
            cancellationToken
        );
        await AnswerAsync(request, form, key, file, cancellationToken);
    }

    async Task<(Principal Principal, PostPolicy? Policy)> AuthenticateAsync(
        S3Request request,
        PostForm form,
        CancellationToken cancellationToken
    )
    {
        if (PolicySignature.Parse(form.Fields) is not { } signature)
            return (Principal.Anonymous, null);
        var principal = await authenticator.AuthenticateAsync(signature, cancellationToken);
        var policy = PostPolicy.Parse(form.Find("policy")!);
        // The bucket that counts is the one of the address, whatever the form says.
        var fields = new Dictionary<string, string>(form.Fields, StringComparer.OrdinalIgnoreCase)
        {
            ["bucket"] = request.Bucket,
        };
        policy.Require(fields, time.GetUtcNow());
        return (principal, policy);
    }

    // What are headers of a PUT are fields here, one of them under another name.
    static string? Header(PostForm form, string name) =>
        form.Find(
            name switch
            {
                "x-amz-acl" => "acl",
                _ => name,
            }
        )
            is { } value
            ? S3Response.ToHeader(value)
            : null;

    static IEnumerable<KeyValuePair<string, string>> MetadataOf(PostForm form) =>
        form.Fields.Select(field => KeyValuePair.Create(field.Key, S3Response.ToHeader(field.Value)));

    static BodyExpectation Expectation(PostForm form)
    {
        Checksum? stated = null;
        foreach (var algorithm in ChecksumAlgorithms.All)
        {
            if (form.Find(algorithm.Header()) is { } value)
                stated = Checksum.Parse(algorithm, value);
        }
        return new BodyExpectation
        {
            Md5 = S3Body.ReadMd5(form.Find("content-md5")),
            Algorithm = stated?.Algorithm,
            Checksum = stated is null ? null : () => stated,
        };
    }

    static async Task AnswerAsync(
        S3Request request,
        PostForm form,
        string key,
        DataFile file,
        CancellationToken cancellationToken
    )
    {
        var response = request.Response;
        response.SetETag(file.ETag);
        response.SetChecksums(file);
        response.SetNewVersion(file);
        var location =
            $"{request.Http.Request.Scheme}://{request.Http.Request.Host}{request.Target.RawPath.TrimEnd('/')}/"
            + UriEncoding.Encode(key, keepSlash: true);
        if (RedirectOf(form) is { } redirect)
        {
            response.StatusCode = StatusCodes.Status303SeeOther;
            response.Headers.Location =
                redirect
                + (redirect.Contains('?', StringComparison.Ordinal) ? '&' : '?')
                + $"bucket={UriEncoding.Encode(request.Bucket)}&key={UriEncoding.Encode(key, keepSlash: true)}"
                + $"&etag=%22{file.ETag}%22";
            return;
        }
        response.Headers.Location = location;
        switch (form.Find("success_action_status"))
        {
            case "200":
                response.StatusCode = StatusCodes.Status200OK;
                break;
            case "201":
                response.StatusCode = StatusCodes.Status201Created;
                await response.WriteAsync(
                    new PostResponse(location, request.Bucket, key, file.ETag),
                    cancellationToken
                );
                break;
            default:
                response.StatusCode = StatusCodes.Status204NoContent;
                break;
        }
    }

    /// <summary>Where to send the browser next; an address that is not one of the web is ignored, as S3 does.</summary>
    static string? RedirectOf(PostForm form)
    {
        var wanted = form.Find("success_action_redirect") ?? form.Find("redirect");
        return Uri.TryCreate(wanted, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri.AbsoluteUri
            : null;
    }
}
