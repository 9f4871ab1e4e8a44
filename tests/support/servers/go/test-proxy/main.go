// What the storage servers of the tests need around them:
//
//	test-proxy certificates DIRECTORY NAME...                  a CA, and a server certificate for these names and addresses
//	test-proxy serve CERTIFICATE KEY http://127.0.0.1:PORT     TLS on :443 in front of a server that has none
package main

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
)

func main() {
	var err error
	switch {
	case len(os.Args) > 3 && os.Args[1] == "certificates":
		err = writeCertificates(os.Args[2], os.Args[3:])
	case len(os.Args) == 5 && os.Args[1] == "serve":
		err = serve(os.Args[2], os.Args[3], os.Args[4])
	default:
		err = fmt.Errorf("usage: test-proxy certificates DIRECTORY NAME... | serve CERTIFICATE KEY URL")
	}
	if err != nil {
		log.Fatal(err)
	}
}

func serve(certificate, key, server string) error {
	target, err := url.Parse(server)
	if err != nil {
		return err
	}
	proxy := &httputil.ReverseProxy{
		// Path and query go on byte for byte and the host stays: all three are signed.
		Director: func(request *http.Request) {
			request.URL.Scheme = target.Scheme
			request.URL.Host = target.Host
			request.Header.Set("X-Forwarded-Proto", "https")
			// An answer that Go unpacked on the way would no longer have the length and sums that it states.
			if request.Header.Get("Accept-Encoding") == "" {
				request.Header.Set("Accept-Encoding", "identity")
			}
		},
		ModifyResponse: nameUpload,
	}
	return http.ListenAndServeTLS(":443", certificate, key, proxy)
}

// Google names a resumable upload in this header, and pgBackRest takes it from there; fake-gcs-server names it in the
// Location only.
func nameUpload(response *http.Response) error {
	location, err := url.Parse(response.Header.Get("Location"))
	if err != nil {
		return nil
	}
	if id := location.Query().Get("upload_id"); id != "" && strings.Contains(location.Path, "/upload/") {
		response.Header.Set("x-guploader-uploadid", id)
	}
	return nil
}
